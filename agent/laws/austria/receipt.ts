import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { Block, ReceiptLaw, Signed } from '../../receipts/receipt-law.ts'
import { present } from '../../receipts/rows.ts'
import type { Untaxed } from '../../receipts/untaxed.ts'
import type { Say } from '../../texts/receipts.ts'
import { FACTS } from './facts.ts'
import type { Facts } from './shapes.ts'
import { isOurs } from './shapes.ts'

/** Index of date and time in the machine-readable code, RKSV annex Z 12. */
const TIME_FIELD = 4

/**
 * The names of the special receipts of §§ 6 and 8 RKSV. Words for training, voids and outages are journalled with the
 * receipt (`receipt_text`, conclusion.ts), so that a reprint has the words that were printed.
 */
const SPECIAL_NAMES: Readonly<Record<Facts['document_type'], readonly string[]>> = {
  standard: [],
  training: [],
  void: [],
  start: ['Startbeleg'],
  zero: ['Nullbeleg'],
  monthly: ['Monatsbeleg'],
  annual: ['Jahresbeleg'],
  final: ['Schlussbeleg'],
  collective: ['Sammelbeleg'],
}

/** By the codes of the law. Art and antiques have the words of all goods of the margin scheme. */
const REASONS: ReadonlyMap<string, Untaxed> = new Map<string, Untaxed>([
  ['not_taxable', 'not_taxable'],
  ['small_business', 'small_business'],
  ['pass_through', 'pass_through'],
  ['margin_scheme', 'margin_scheme'],
  ['margin_scheme_art', 'margin_scheme'],
  ['margin_scheme_antiques', 'margin_scheme'],
  ['margin_scheme_travel', 'margin_scheme_travel'],
  ['reverse_charge', 'reverse_charge'],
  ['intra_community', 'intra_community'],
  ['export', 'export'],
])

/**
 * Austria: § 132a BAO, § 11 RKSV. The time to print is the signed one. The words of an outage are those of the journal
 * (`outageText` of facts.ts).
 */
export const RECEIPT: ReceiptLaw = {
  name: FACTS.name,
  country: FACTS.country,
  timeZone: FACTS.timeZone,
  identifiers: [
    ['tax_number', 'tax_number'],
    ['uid_number', 'vat_id'],
  ],
  signed: (information) => signedOf(factsIn(information)),
  numberOf: (information) => factsIn(information).receipt_number,
  numbersReceipts: true,
  isSigned: (information) => !factsIn(information).security_device_failed,
  hasCode: true,
  // A paper receipt written while the till was down is entered later, under its own number.
  head: { externalId: true, registerSerial: false },
  pendingNotice: 'unsettled',
  namesClosings: true,
  belowTotal: ['on_account'],
  settlement: 'vat_by_invoice',
  reasonOf: (code = 'exempt') => REASONS.get(code) ?? 'exempt',
  namesZeroRates: true,
  empties: 'empties_returned',
  turnoverCases: ['Umsatz', 'Pfand', 'Bedienungszuschlag', 'Anzahlung', 'Einzweckgutschein'],
  rateLetters: { '20000000': 'A', '10000000': 'B', '13000000': 'C', '4900000': 'D' },
}

/** Kassen-ID and machine-readable code; the code's parts as text, for comparison by eye. */
function codeBlock(information: Facts, say: Say): Block {
  const fiscal = present([
    [say('cash_box'), information.cash_box_id],
    [say('encrypted_turnover'), information.encrypted_turnover],
    [say('certificate'), information.certificate_serial],
    [say('previous'), information.previous_receipt_hash],
    [say('signature_value'), information.signature],
  ])
  return { fiscal, qr: information.machine_code, ocr: information.ocr_code }
}

function signedOf(information: Facts): Signed {
  return {
    block: (say) => codeBlock(information, say),
    notices: SPECIAL_NAMES[information.document_type],
    localTime: information.machine_code.split('_')[TIME_FIELD],
    unit: information.certificate_serial,
  }
}

/** Throws for the fiscal information of another law. */
function factsIn(information: FiscalInformation): Facts {
  if (isOurs(information)) return information
  throw new Error(`${information.regime} is another law`)
}
