import { said } from '../../base/text.ts'
import type { ExternalRelatedOperation } from '../contract/goods.ts'
import type { MovementDocument } from '../journal/documents/document.ts'
import { isMovement, isUnpaid, isWithoutPayments, originalIn } from '../journal/documents/document.ts'
import type { Say } from '../texts/receipts.ts'
import { unitOf } from './fiscal.ts'
import { signedOf } from './law-of.ts'
import type { ReceiptDocuments, ReceiptLaw } from './receipt-law.ts'
import { recordedOf } from './recorded.ts'

type Reference = {
  related_operation_id?: string | undefined
  external_related_operation?: ExternalRelatedOperation | undefined
}

/** Prominent notices, and the reference to an earlier operation. */
export function noticesOf(documents: ReceiptDocuments, law: ReceiptLaw | undefined, say: Say): string[] {
  const { subject } = documents
  const { fiscal } = recordedOf(subject)
  const unit = unitOf(documents, law)
  const goods = isMovement(subject) ? subject : undefined
  const notice = law?.notice?.(subject)
  const notices = [
    ...(unit !== undefined && documents.isUncertified(unit) ? [say('uncertified')] : []),
    ...(isTraining(subject) ? [say('training')] : []),
    ...((goods !== undefined && isWithoutPayments(goods)) || subject.kind === 'order_move'
      ? [say('not_a_receipt')]
      : []),
    // The words that the law requires, one per line: AEAO to § 146a AO, outage of the TSE.
    ...(said(fiscal.receipt_text)?.split('\n') ?? []),
    ...(signedOf(documents)?.notices ?? []),
    ...(notice === undefined ? [] : [say(notice)]),
    ...(fiscal.state === 'pending' ? [say(law?.pendingNotice ?? 'unsettled')] : []),
    ...(goods === undefined ? [] : [...voidedNotice(goods, say), ...referenceNotice(goods, say)]),
  ]
  return [...new Set(notices)]
}

function isTraining(subject: ReceiptDocuments['subject']): boolean {
  return (isMovement(subject) || subject.kind === 'order_move') && subject.shown.training === true
}

function voidedNotice({ shown }: MovementDocument, say: Say): string[] {
  if (shown.status !== 'voided') return []
  const { void_reason: reason } = shown
  return [reason === undefined ? say('voided') : `${say('voided')}: ${say(`void_${reason}`)}`]
}

/** The whole operation, then its lines, may refer to others; then goods on account to their invoice or delivery note. */
function referenceNotice(goods: MovementDocument, say: Say): string[] {
  const { shown } = goods
  const own = isUnpaid(goods) ? undefined : originalIn(goods)
  const external = 'external_related_operation' in shown ? shown.external_related_operation : undefined
  const all = [
    { related_operation_id: own, external_related_operation: external },
    ...shown.line_items,
    ...(shown.payments ?? []),
  ]
  return all.flatMap((entry) => referenceWords(entry, say))
}

function referenceWords(
  { related_operation_id: own, external_related_operation: external }: Reference,
  say: Say,
): string[] {
  if (own !== undefined) return [`${say('reference')}: ${own}`]
  const id = said(external?.external_operation_id)
  if (external === undefined || id === undefined) return []
  const { kind = 'other', description } = external
  if (kind === 'other') return [`${say('reference')}: ${id}, ${said(description) ?? ''}`]
  return [`${say('reference')}: ${[`${say(`reference_${kind}`)} ${id}`, said(description)].filter(Boolean).join(', ')}`]
}
