import type { ReceiptModel } from '../../contract/receipt.ts'
import type { FactsOf, ReceiptDocuments } from '../documents.ts'
import type { Say } from '../labels.ts'
import { recordedOf } from '../recorded.ts'
import { present } from '../rows.ts'
import type { Block, ReceiptLaw } from './receipt-law.ts'

/** Germany: § 6 KassenSichV. */
export const KASSENSICHV: ReceiptLaw<'KassenSichV'> = {
  signed: (information) => ({
    block: (say) => signedBlock(information, say),
    notices: [],
    unit: information.tss_serial_number,
  }),
  unsigned: unsignedRows,
  head: { externalId: false, registerSerial: true },
  pendingNotice: 'unsigned',
  namesClosings: false,
  countsVouchers: true,
  reasonOf: (code) => (code === 'not_taxable' || code === 'zero_rated' ? code : 'exempt'),
  namesZeroRates: false,
  rateLetters: { '19000000': 'A', '7000000': 'B', '7800000': 'C', '5500000': 'D' },
}

function signedBlock(information: FactsOf<'KassenSichV'>, say: Say): Block {
  const { start_event: start, end_event: end } = information
  const fiscal = present([
    [say('transaction'), information.transaction_number],
    [say('started'), start.signed_at],
    [say('finished'), end.signed_at],
    [say('counter'), end.transaction_counter],
    [say('tse_serial'), information.tss_serial_number],
    [say('register_serial'), information.pos_client_serial_number],
    [say('signature'), end.signature],
    [say('algorithm'), information.signature_algorithm],
    [say('time_format'), information.time_format],
    [say('public_key'), end.public_key],
  ])
  return { fiscal, qr: information.verification.qr_data }
}

/** In an outage the times are the till's, and the serial numbers remain. */
function unsignedRows(
  { subject, register: { fiscalization } }: Pick<ReceiptDocuments, 'subject' | 'register'>,
  say: Say,
): ReceiptModel['fiscal'] {
  const { fiscal, begunAt, endedAt } = recordedOf(subject)
  const started = fiscal.start_event?.signed_at
  return present([
    started === undefined ? [say('started_by_till'), begunAt] : [say('started'), started],
    [say('finished_by_till'), endedAt],
    [say('tse_serial'), fiscalization?.tse_serial],
    [say('register_serial'), fiscalization?.client_id],
  ])
}
