import type { RtOriginal } from '../../../drivers/ports/fiscal-printer.ts'
import { isCalendarDate } from '../../clock.ts'
import type { OperationDocument } from '../../journal/documents.ts'
import { romeDay } from './rome-time.ts'

/**
 * `0142-0001 14-09-2026 72IV6000001`, the matricola optional: how a document of another till is named. Printers are told
 * the last two digits of its year: one of 1926 would be that of 2026.
 */
const EXTERNAL = /^(\d{4})-(\d{4}) (\d\d)-(\d\d)-(20\d\d)(?: ([0-9A-Z]{10,11}))?$/

/** The document that an external reference names; undefined for what names none. */
export function externalOriginal(text: string): RtOriginal | undefined {
  const [, z, number, day, month, year, serial] = EXTERNAL.exec(text.trim()) ?? []
  const date = `${year}-${month}-${day}`
  if (Number(z) < 1 || Number(number) < 1 || !isCalendarDate(date)) return undefined
  return { z: Number(z), number: Number(number), date, ...(serial !== undefined && { serial }) }
}

/** The printed documents of an operation in the order of their printing; none where nothing fiscal was printed. */
export function printedDocuments(
  operation: Pick<OperationDocument, 'fiscal_information'> | undefined,
): { kind: 'sale' | 'return' | 'void'; original: RtOriginal }[] {
  const facts = operation?.fiscal_information
  if (facts?.regime !== 'RT') return []
  return (facts.documents ?? [facts]).flatMap((document) => {
    const { document_number: name, document_type: kind, rt_serial_number: serial } = document
    const [z, number] = name.split('-').map(Number)
    if (z === undefined || number === undefined || kind === 'non_fiscal') return []
    return [{ kind, original: { z, number, serial, date: romeDay(document.printed_at) } }]
  })
}

/** As it stands on the paper and in `reference`: `0142-0001 14-09-2026 72IV6000001`. */
export function referenceText({ z, number, date, serial }: RtOriginal): string {
  const day = `${date.slice(8, 10)}-${date.slice(5, 7)}-${date.slice(0, 4)}`
  return [`${four(z)}-${four(number)}`, day, ...(serial === undefined ? [] : [serial])].join(' ')
}

export function four(value: number): string {
  return String(value).padStart(4, '0')
}
