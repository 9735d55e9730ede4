import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { four, referenceText } from './original.ts'
import type { Printed } from './printer-act.ts'
import { instantOf } from './rome-time.ts'
import type { PrintedDocument } from './shapes.ts'

/** One printed document as the API shows it; `at` is used if the printer did not report its time. */
export function printedDocument(printed: Printed, document: RtDocument, at: string): PrintedDocument {
  const isSlip = document.kind === 'non_fiscal' || document.kind === 'cash'
  const lottery = isSlip || document.kind === 'void' ? undefined : document.lotteryCode
  const original = document.kind === 'return' || document.kind === 'void' ? document.original : undefined
  return {
    rt_serial_number: printed.serial,
    z_number: four(printed.z),
    document_number: printed.document_number,
    document_type: isSlip ? 'non_fiscal' : document.kind,
    printed_at: instantOf(printed.printed_at, at) ?? at,
    ...(lottery !== undefined && { lottery_code: lottery }),
    ...(original !== undefined && { reference: referenceText(original) }),
  }
}

/** `fiscal_information` of an operation: that of the last document, and all of them if there are several. */
export function fiscalInformation(documents: readonly PrintedDocument[]) {
  return { regime: 'RT', ...documents.at(-1), ...(documents.length > 1 && { documents }) }
}
