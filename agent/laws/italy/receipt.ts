import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import type { Subject } from '../../receipts/documents.ts'
import type { ReceiptLaw, Signed } from '../../receipts/receipt-law.ts'
import { recordedOf } from '../../receipts/recorded.ts'
import { present } from '../../receipts/rows.ts'
import { natureOf } from '../../receipts/untaxed.ts'
import type { Say } from '../../texts/receipts.ts'
import { FACTS } from './facts.ts'
import type { EntryInformation, Facts, PrintedDocument } from './shapes.ts'
import { isEntry, isOurs, printedIn } from './shapes.ts'

/** The law's own names of a documento commerciale, DM 7 December 2016. */
const TYPES: Readonly<Record<PrintedDocument['document_type'], string>> = {
  sale: 'di vendita o prestazione',
  return: 'emesso per RESO MERCE',
  void: 'emesso per ANNULLAMENTO',
  non_fiscal: 'documento gestionale',
}

/** Italy: the printer's document is the receipt; this one is not. */
export const RECEIPT: ReceiptLaw = {
  name: FACTS.name,
  country: FACTS.country,
  timeZone: FACTS.timeZone,
  identifiers: [
    ['tax_number', 'tax_number'],
    ['vat_number', 'vat_number'],
  ],
  signed: (information) => signedOf(factsIn(information)),
  numberOf: (information) => numberIn(factsIn(information)),
  numbersReceipts: false,
  documentOf: (information) => factsIn(information).document_number ?? undefined,
  isSigned: () => null,
  hasCode: false,
  head: { externalId: false, registerSerial: false },
  notice: (subject) => (isOfEmergency(subject) ? undefined : 'rt_paper'),
  pendingNotice: 'unsettled',
  namesClosings: false,
  belowTotal: [],
  settlement: 'not_taxable',
  reasonOf: (code) => natureOf(code) ?? 'exempt',
  namesZeroRates: false,
  empties: 'empties_returned',
  rateLetters: { '22000000': 'A', '10000000': 'B', '5000000': 'C', '4000000': 'D' },
}

/** An entry, or the sums of a day of entries: no printer has a document of it. */
function isOfEmergency(subject: Subject): boolean {
  const { information, fiscal } = recordedOf(subject)
  return isEntry(information) || (subject.kind === 'closing' && fiscal.state === 'not_required')
}

/** The receipt number of an entry: no printer has numbered it. */
function numberIn({ document_number: number, emergency }: Facts): string {
  return number ?? String(emergency?.entry)
}

function entryRows(
  { rt_serial_number: serial, emergency }: EntryInformation,
  timeOf: (time: string) => string,
  say: Say,
): ReceiptModel['fiscal'] {
  return present([
    [say('rt_entry'), String(emergency.entry)],
    [say('rt_serial'), serial],
    [say('rt_entered'), timeOf(emergency.recorded_at)],
  ])
}

/** The place of the printed document in the printer's memory: an exchange has two. */
function printedRows(information: Facts, timeOf: (time: string) => string, say: Say): ReceiptModel['fiscal'] {
  if (isEntry(information)) return entryRows(information, timeOf, say)
  return printedIn(information).flatMap((document) =>
    present([
      [say('rt_type'), TYPES[document.document_type]],
      [say('rt_document'), document.document_number],
      [say('rt_closure'), document.z_number],
      [say('rt_serial'), document.rt_serial_number],
      [say('rt_printed'), timeOf(document.printed_at)],
      [say('rt_lottery'), document.lottery_code],
      [say('rt_reference'), document.reference],
    ]),
  )
}

function signedOf(information: Facts): Signed {
  return {
    block: (say, timeOf) => ({ fiscal: printedRows(information, timeOf, say), qr: null }),
    notices: [],
  }
}

/** Throws for the fiscal information of another law. */
function factsIn(information: FiscalInformation): Facts {
  if (isOurs(information)) return information
  throw new Error(`${information.regime} is another law`)
}
