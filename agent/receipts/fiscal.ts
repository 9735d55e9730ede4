import type { Law } from '../contract/laws.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { FactsOf, ReceiptDocuments } from './documents.ts'
import { zoneOf } from './head.ts'
import type { Say } from './labels.ts'
import { localTime } from './local-time.ts'
import { present } from './rows.ts'

type Fiscal = Pick<ReceiptModel, 'fiscal' | 'qr' | 'ocr'>

/** The law of a receipt: of its signature, else of its register. */
export function lawOf({ operation, register }: Pick<ReceiptDocuments, 'operation' | 'register'>): Law | undefined {
  return operation.fiscal_information?.regime ?? register.fiscalization?.regime
}

/**
 * What the law wants of its device, in the device's own words and times. Without a signature in Germany (outage) the
 * times are the till's and the serial numbers remain; what is never signed has nothing.
 */
export function fiscalBlock(
  documents: ReceiptDocuments,
  law: Law | undefined,
  language: ReceiptModel['language'],
  say: Say,
): Fiscal {
  const { operation, register } = documents
  if (operation.fiscal_information) return madeBlock(operation.fiscal_information, documents, language, say)
  if (law !== 'KassenSichV' || operation.fiscal?.state === 'not_required') return { fiscal: [], qr: null }
  return { fiscal: unsignedBlock(operation, register.fiscalization, say), qr: null }
}

/** Of each law, where its device has signed or printed. */
function madeBlock(
  information: FactsOf<Law>,
  documents: ReceiptDocuments,
  language: ReceiptModel['language'],
  say: Say,
): Fiscal {
  switch (information.regime) {
    case 'KassenSichV':
      return signedBlock(information, say)
    case 'RKSV':
      return rksvBlock(information, say)
    case 'RT':
      return { fiscal: rtRows(information, (time) => localTime(time, zoneOf(documents), language), say), qr: null }
  }
}

/** § 6 KassenSichV. */
function signedBlock(information: FactsOf<'KassenSichV'>, say: Say): Fiscal {
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

/** § 132a BAO, § 11 RKSV: Kassen-ID and machine-readable code; its parts, so that an eye can compare them too. */
function rksvBlock(information: FactsOf<'RKSV'>, say: Say): Fiscal {
  const fiscal = present([
    [say('cash_box'), information.cash_box_id],
    [say('encrypted_turnover'), information.encrypted_turnover],
    [say('certificate'), information.certificate_serial],
    [say('previous'), information.previous_receipt_hash],
    [say('signature_value'), information.signature],
  ])
  return { fiscal, qr: information.machine_code, ocr: information.ocr_code }
}

/** The law's own names of a documento commerciale, DM 7 December 2016. */
const RT_TYPES: Readonly<Record<FactsOf<'RT'>['document_type'], string>> = {
  sale: 'di vendita o prestazione',
  return: 'emesso per RESO MERCE',
  void: 'emesso per ANNULLAMENTO',
  non_fiscal: 'documento gestionale',
}

/** Where the printed document is found in the printer's memory: an exchange has printed two. */
function rtRows(information: FactsOf<'RT'>, timeOf: (time: string) => string, say: Say): ReceiptModel['fiscal'] {
  return (information.documents ?? [information]).flatMap((document) =>
    present([
      [say('rt_type'), RT_TYPES[document.document_type]],
      [say('rt_document'), document.document_number],
      [say('rt_closure'), document.z_number],
      [say('rt_serial'), document.rt_serial_number],
      [say('rt_printed'), timeOf(document.printed_at)],
      [say('rt_lottery'), document.lottery_code],
      [say('rt_reference'), document.reference],
    ]),
  )
}

function unsignedBlock(
  { fiscal, ...operation }: ReceiptDocuments['operation'],
  register: ReceiptDocuments['register']['fiscalization'],
  say: Say,
): ReceiptModel['fiscal'] {
  const started = fiscal && 'start_event' in fiscal ? fiscal.start_event?.signed_at : undefined
  return present([
    started === undefined ? [say('started_by_till'), operation.created_at] : [say('started'), started],
    [say('finished_by_till'), operation.completed_at ?? operation.voided_at],
    [say('tse_serial'), register?.tse_serial],
    [say('register_serial'), register?.client_id],
  ])
}
