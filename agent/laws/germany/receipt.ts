import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import type { Members } from '../../journal/events.ts'
import type { Block, ReceiptDocuments, ReceiptLaw, Signed, TaxWords } from '../../receipts/receipt-law.ts'
import { recordedOf } from '../../receipts/recorded.ts'
import { present } from '../../receipts/rows.ts'
import type { Say } from '../../texts/receipts.ts'
import { FACTS } from './facts.ts'
import { isOurs } from './ours.ts'
import type { Facts } from './shapes.ts'
import { meaningIn, meaningsIn } from './vat.ts'
import { zeroRateOf } from './zero-rates.ts'

/**
 * Germany: § 6 KassenSichV (no. 1 the seller, no. 3 the kind of the goods, no. 5 why there is no tax), § 14 (4) UStG (no. 2
 * tax number or VAT id, no. 8 the exemption), § 33 UStDV. The words of an outage are those of the journal (`outageText` of
 * facts.ts).
 */
export const RECEIPT: ReceiptLaw = {
  name: FACTS.name,
  country: FACTS.country,
  timeZone: FACTS.timeZone,
  identifiers: [
    ['tax_number', 'tax_number'],
    ['vat_id', 'vat_id'],
  ],
  signed: (information) => signedOf(factsIn(information)),
  numberOf: (information) => factsIn(information).receipt_number,
  numbersReceipts: true,
  isSigned: () => true,
  hasCode: true,
  unsigned: unsignedRows,
  head: { externalId: false, registerSerial: true },
  pendingNotice: 'unsigned',
  namesClosings: false,
  belowTotal: ['gift_card', 'on_account'],
  settlement: 'not_taxable',
  reasonOf: (code) => (code === 'not_taxable' || code === 'zero_rated' ? code : 'exempt'),
  namesZeroRates: false,
  taxOf,
  empties: 'deposit_refund',
  // GV_TYP of the DSFinV-K.
  turnoverCases: [
    ...['Umsatz', 'Rabatt', 'Pfand', 'PfandRueckzahlung', 'TrinkgeldAG', 'EinzweckgutscheinKauf'],
    ...['EinzweckgutscheinEinloesung', 'Anzahlungseinstellung', 'Anzahlungsaufloesung'],
  ],
  cashCases: {
    ...{ opening: 'Anfangsbestand', closing: 'Geldtransit', closing_in: 'Geldtransit' },
    ...{ difference: 'DifferenzSollIst', count_correction: 'DifferenzSollIst' },
    ...{ movement_safe_drop: 'Geldtransit', movement_float_in: 'Geldtransit', movement_bank_deposit: 'Geldtransit' },
    ...{ movement_transfer: 'Geldtransit', movement_correction: 'DifferenzSollIst' },
    ...{ movement_owner_withdrawal: 'Privatentnahme', movement_owner_deposit: 'Privateinlage' },
    ...{ movement_pay_in: 'Einzahlung', movement_pay_out: 'Auszahlung', movement_wage: 'Lohnzahlung' },
    movement_tip_payout: 'TrinkgeldAN',
  },
  rateLetters: { '19000000': 'A', '7000000': 'B', '7800000': 'C', '5500000': 'D' },
}

const LETTERS = ['A', 'B', 'C', 'D']

/** The words of a code, and for a rate of the configuration the letter of its key. */
function taxOf(tax: { rate: string; code?: string | undefined }, recorded: Members): TaxWords | undefined {
  const meaning = meaningIn(meaningsIn(recorded['vat']), tax)
  const words = meaning?.receipt_text ?? (tax.code === undefined ? undefined : zeroRateOf(tax.code)?.words)
  if (words !== undefined) return { words }
  if (meaning === undefined) return undefined
  const letter = tax.code === undefined ? LETTERS[meaning.key - 1] : undefined
  return letter === undefined ? { words: meaning.description ?? '' } : { letter }
}

function signedBlock(information: Facts, say: Say): Block {
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

function signedOf(information: Facts): Signed {
  return {
    block: (say) => signedBlock(information, say),
    notices: [],
    unit: information.tss_serial_number,
  }
}

/** Throws for the fiscal information of another law. */
function factsIn(information: FiscalInformation): Facts {
  if (isOurs(information)) return information
  throw new Error(`${information.regime} is another law`)
}
