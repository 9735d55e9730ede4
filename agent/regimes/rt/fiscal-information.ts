import type { RtDocument } from '../../../drivers/ports/fiscal-printer.ts'
import type { Json } from '../../canonical.ts'
import type { Members } from '../../journal/events.ts'
import { four, referenceText } from './original.ts'
import { instantOf } from './rome-time.ts'

/** One printed document as the till is told of it; `at` stands in where the printer did not tell its time. */
export function printedDocument(printed: Members, document: RtDocument, at: string): Members {
  const isSlip = document.kind === 'non_fiscal' || document.kind === 'cash'
  const lottery = document.kind === 'sale' ? document.lotteryCode : undefined
  const original = document.kind === 'return' || document.kind === 'void' ? document.original : undefined
  return {
    rt_serial_number: String(printed['serial']),
    z_number: four(Number(printed['z'])),
    document_number: String(printed['document_number']),
    document_type: isSlip ? 'non_fiscal' : document.kind,
    printed_at: instantOf(printed['printed_at'] as string | undefined) ?? at,
    ...(lottery !== undefined && { lottery_code: lottery }),
    ...(original !== undefined && { reference: referenceText(original) }),
  }
}

/** `fiscal_information` of an operation: the last document's, and all of them where there are several. */
export function fiscalInformation(documents: readonly Members[]): Json {
  const last = documents.at(-1) ?? {}
  return { regime: 'RT', ...last, ...(documents.length > 1 && { documents }) } as Json
}
