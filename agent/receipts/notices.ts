import type { VoidOperation } from '../contract/operation.ts'
import type { Members } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import type { Say } from './labels.ts'

/** § 17 RKSV: these words, whatever the receipt's language. */
const SECURITY_DEVICE_FAILED = 'Sicherheitseinrichtung ausgefallen'

/** Words of the law on receipts that are none of a plain sale: § 11 RKSV and the special receipts of § 6 and § 8. */
const RKSV_KINDS: Readonly<Record<string, string>> = {
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
export function noticesOf(operation: Members, law: string | undefined, say: Say): string[] {
  const fiscal = membersOf(operation, 'fiscal')
  const notices = [
    ...(operation['training'] === true ? [say('training')] : []),
    // The words the law asks for, one a line, as the regime gave them: AEAO to § 146a AO, outage of the TSE.
    ...(textOf(fiscal, 'receipt_text')?.split('\n') ?? []),
    ...rksvNotices(membersOf(operation, 'fiscal_information')),
    ...(law === 'RT' ? [say('rt_paper')] : []),
    ...(fiscal['state'] === 'pending' ? [say(law === 'KassenSichV' ? 'unsigned' : 'unsettled')] : []),
    ...voidedNotice(operation, say),
    ...referenceNotice(operation, say),
  ]
  return [...new Set(notices)]
}

function rksvNotices(information: Members): string[] {
  if (information['regime'] !== 'RKSV') return []
  return [
    ...(information['security_device_failed'] === true ? [SECURITY_DEVICE_FAILED] : []),
    ...present(RKSV_KINDS[String(information['document_type'])]),
  ]
}

function present(text: string | undefined): string[] {
  return text === undefined ? [] : [text]
}

function voidedNotice(operation: Members, say: Say): string[] {
  if (operation['status'] !== 'voided') return []
  const reason = textOf(operation, 'void_reason') as VoidOperation['reason'] | undefined
  return [reason === undefined ? say('voided') : `${say('voided')}: ${say(`void_${reason}`)}`]
}

function referenceNotice(operation: Members, say: Say): string[] {
  const own = textOf(operation, 'related_operation_id')
  if (own !== undefined) return [`${say('reference')}: ${own}`]
  const external = membersOf(operation, 'external_related_operation')
  const id = textOf(external, 'external_operation_id')
  return id === undefined ? [] : [`${say('reference')}: ${id}, ${textOf(external, 'description') ?? ''}`]
}
