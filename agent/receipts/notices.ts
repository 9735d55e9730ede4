import type { Law } from '../contract/laws.ts'
import type { VoidOperation } from '../contract/operation.ts'
import type { LawDocument } from '../journal/documents.ts'
import { said } from '../text.ts'
import type { FactsOf } from './documents.ts'
import type { Say } from './labels.ts'

/** § 17 RKSV: these words, whatever the receipt's language. */
const SECURITY_DEVICE_FAILED = 'Sicherheitseinrichtung ausgefallen'

/** Words of the law on receipts that are none of a plain sale: § 11 RKSV and the special receipts of § 6 and § 8. */
const RKSV_KINDS: Partial<Record<FactsOf<'RKSV'>['document_type'], string>> = {
  training: 'Trainingsbuchung',
  void: 'Stornobuchung',
  start: 'Startbeleg',
  null: 'Nullbeleg',
  monthly: 'Monatsbeleg',
  yearly: 'Jahresbeleg',
  final: 'Schlussbeleg',
  collective: 'Sammelbeleg',
}

/** What the reader must see at first sight, and what the receipt refers to. */
export function noticesOf(operation: LawDocument, law: Law | undefined, say: Say): string[] {
  const { fiscal, fiscal_information: information } = operation
  const notices = [
    ...(operation.training === true ? [say('training')] : []),
    // The words the law asks for, one a line, as the regime gave them: AEAO to § 146a AO, outage of the TSE.
    ...(said(fiscal?.receipt_text)?.split('\n') ?? []),
    ...(information?.regime === 'RKSV' ? rksvNotices(information) : []),
    ...(law === 'RT' ? [say('rt_paper')] : []),
    ...(fiscal?.state === 'pending' ? [say(law === 'KassenSichV' ? 'unsigned' : 'unsettled')] : []),
    ...voidedNotice(operation, say),
    ...referenceNotice(operation, say),
  ]
  return [...new Set(notices)]
}

function rksvNotices({ security_device_failed: hasFailed, document_type: kind }: FactsOf<'RKSV'>): string[] {
  return [...(hasFailed ? [SECURITY_DEVICE_FAILED] : []), ...present(RKSV_KINDS[kind])]
}

function present(text: string | undefined): string[] {
  return text === undefined ? [] : [text]
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
