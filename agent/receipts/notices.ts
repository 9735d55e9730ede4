import type { VoidOperation } from '../contract/operation.ts'
import type { Members } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import type { Say } from './labels.ts'

/** What the reader must see at first sight, and what the receipt refers to. */
export function noticesOf(operation: Members, copy: boolean, say: Say): string[] {
  const fiscal = membersOf(operation, 'fiscal')
  const outage = textOf(fiscal, 'receipt_text')
  return [
    ...(copy ? [say('copy')] : []),
    ...(operation['training'] === true ? [say('training')] : []),
    // The words the law asks for, as the regime gave them: AEAO to § 146a AO, outage of the TSE.
    ...(outage === undefined ? [] : [outage]),
    ...(fiscal['state'] === 'pending' ? [say('unsigned')] : []),
    ...voidedNotice(operation, say),
    ...referenceNotice(operation, say),
  ]
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
