import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members, ReceiptDocuments } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import type { Say } from './labels.ts'

type Fiscal = Pick<ReceiptModel, 'fiscal' | 'qr'>

/**
 * What § 6 KassenSichV wants of the security module, in the TSE's own words and times. Without a signature (outage)
 * the times are the till's and the serial numbers remain; what is never signed has nothing.
 */
export function fiscalBlock({ operation, register }: ReceiptDocuments, say: Say): Fiscal {
  const information = membersOf(operation, 'fiscal_information')
  if (information['regime'] === 'KassenSichV') return signedBlock(information, say)
  if (information['regime'] !== undefined)
    throw new RangeError(`no receipt of ${String(information['regime'])} is known`)
  if (membersOf(operation, 'fiscal')['state'] === 'not_required') return { fiscal: [], qr: null }
  return { fiscal: unsignedBlock(operation, membersOf(register, 'fiscalization'), say), qr: null }
}

function signedBlock(information: Members, say: Say): Fiscal {
  const end = membersOf(information, 'end_event')
  const fiscal = present([
    [say('transaction'), information['transaction_number']],
    [say('started'), membersOf(information, 'start_event')['signed_at']],
    [say('finished'), end['signed_at']],
    [say('counter'), end['transaction_counter']],
    [say('tse_serial'), information['tss_serial_number']],
    [say('register_serial'), information['pos_client_serial_number']],
    [say('signature'), end['signature']],
    [say('algorithm'), information['signature_algorithm']],
    [say('time_format'), information['time_format']],
    [say('public_key'), end['public_key']],
  ])
  return { fiscal, qr: textOf(membersOf(information, 'verification'), 'qr_data') ?? null }
}

function unsignedBlock(operation: Members, fiscalization: Members, say: Say): ReceiptModel['fiscal'] {
  const started = membersOf(membersOf(operation, 'fiscal'), 'start_event')['signed_at']
  return present([
    started === undefined ? [say('started_by_till'), operation['created_at']] : [say('started'), started],
    [say('finished_by_till'), operation['completed_at'] ?? operation['voided_at']],
    [say('tse_serial'), fiscalization['tse_serial']],
    [say('register_serial'), fiscalization['client_id']],
  ])
}

/** The rows that have a value, as labelled texts. */
export function present(rows: readonly (readonly [label: string, value: unknown])[]): ReceiptModel['fiscal'] {
  return rows
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([label, value]) => ({ label, value: String(value) }))
}
