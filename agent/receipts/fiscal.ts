import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members, ReceiptDocuments } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import { zoneOf } from './head.ts'
import type { Say } from './labels.ts'
import { localTime } from './local-time.ts'
import { present } from './rows.ts'

type Fiscal = Pick<ReceiptModel, 'fiscal' | 'qr' | 'ocr'>

/** The law of a receipt: of its signature, else of its register. */
export function lawOf({ operation, register }: Pick<ReceiptDocuments, 'operation' | 'register'>): string | undefined {
  return (
    textOf(membersOf(operation, 'fiscal_information'), 'regime') ??
    textOf(membersOf(register, 'fiscalization'), 'regime')
  )
}

/**
 * What the law wants of its device, in the device's own words and times. Without a signature in Germany (outage) the
 * times are the till's and the serial numbers remain; what is never signed has nothing.
 */
export function fiscalBlock(
  documents: ReceiptDocuments,
  law: string | undefined,
  language: ReceiptModel['language'],
  say: Say,
): Fiscal {
  const { operation, register } = documents
  const information = membersOf(operation, 'fiscal_information')
  switch (information['regime']) {
    case 'KassenSichV':
      return signedBlock(information, say)
    case 'RKSV':
      return rksvBlock(information, say)
    case 'RT':
      return { fiscal: rtRows(information, (time) => localTime(time, zoneOf(documents), language), say), qr: null }
  }
  if (law !== 'KassenSichV' || membersOf(operation, 'fiscal')['state'] === 'not_required')
    return { fiscal: [], qr: null }
  return { fiscal: unsignedBlock(operation, membersOf(register, 'fiscalization'), say), qr: null }
}

/** § 6 KassenSichV. */
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

/** § 132a BAO, § 11 RKSV: Kassen-ID and machine-readable code; its parts, so that an eye can compare them too. */
function rksvBlock(information: Members, say: Say): Fiscal {
  const fiscal = present([
    [say('cash_box'), information['cash_box_id']],
    [say('encrypted_turnover'), information['encrypted_turnover']],
    [say('certificate'), information['certificate_serial']],
    [say('previous'), information['previous_receipt_hash']],
    [say('signature_value'), information['signature']],
  ])
  const ocr = textOf(information, 'ocr_code')
  return { fiscal, qr: textOf(information, 'machine_code') ?? null, ...(ocr !== undefined && { ocr }) }
}

/** The law's own names of a documento commerciale, DM 7 December 2016. */
const RT_TYPES: Readonly<Record<string, string>> = {
  sale: 'di vendita o prestazione',
  return: 'emesso per RESO MERCE',
  void: 'emesso per ANNULLAMENTO',
  non_fiscal: 'documento gestionale',
}

/** Where the printed document is found in the printer's memory: an exchange has printed two. */
function rtRows(information: Members, timeOf: (time: string) => string, say: Say): ReceiptModel['fiscal'] {
  const documents = (information['documents'] ?? [information]) as readonly Members[]
  return documents.flatMap((document) => {
    const printedAt = textOf(document, 'printed_at')
    return present([
      [say('rt_type'), RT_TYPES[String(document['document_type'])]],
      [say('rt_document'), document['document_number']],
      [say('rt_closure'), document['z_number']],
      [say('rt_serial'), document['rt_serial_number']],
      [say('rt_printed'), printedAt === undefined ? undefined : timeOf(printedAt)],
      [say('rt_lottery'), document['lottery_code']],
      [say('rt_reference'), document['reference']],
    ])
  })
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
