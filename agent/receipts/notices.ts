import { said } from '../../base/text.ts'
import type { VoidOperation } from '../contract/operation.ts'
import type { LawDocument } from '../journal/documents.ts'
import type { ReceiptDocuments } from './documents.ts'
import { unitOf } from './fiscal.ts'
import type { Say } from './labels.ts'
import { signedOf } from './law-of.ts'
import type { ReceiptLaw } from './receipt-law.ts'

/** What the reader must see at first sight, and what the receipt refers to. */
export function noticesOf(documents: ReceiptDocuments, law: ReceiptLaw | undefined, say: Say): string[] {
  const { operation } = documents
  const { fiscal } = operation
  const unit = unitOf(documents, law)
  const notices = [
    ...(unit !== undefined && documents.isUncertified(unit) ? [say('uncertified')] : []),
    ...(operation.training === true ? [say('training')] : []),
    // The words the law asks for, one a line, as the regime gave them: AEAO to § 146a AO, outage of the TSE.
    ...(said(fiscal?.receipt_text)?.split('\n') ?? []),
    ...(signedOf(documents)?.notices ?? []),
    ...(law?.notice === undefined ? [] : [say(law.notice)]),
    ...(fiscal?.state === 'pending' ? [say(law?.pendingNotice ?? 'unsettled')] : []),
    ...voidedNotice(operation, say),
    ...referenceNotice(operation, say),
  ]
  return [...new Set(notices)]
}

function voidedNotice(operation: LawDocument, say: Say): string[] {
  if (operation.status !== 'voided') return []
  const reason = operation.void_reason as VoidOperation['reason'] | undefined
  return [reason === undefined ? say('voided') : `${say('voided')}: ${say(`void_${reason}`)}`]
}

function referenceNotice(operation: LawDocument, say: Say): string[] {
  const { related_operation_id: own, external_related_operation: external } = operation
  if (own !== undefined) return [`${say('reference')}: ${own}`]
  const id = said(external?.external_operation_id)
  return id === undefined ? [] : [`${say('reference')}: ${id}, ${said(external?.description) ?? ''}`]
}
