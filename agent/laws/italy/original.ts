import { isCalendarDate } from '../../../base/clock.ts'
import type { RtEvidence, RtOriginal } from '../../../drivers/ports/rt-printer.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { romeDay } from './rome-time.ts'
import { isEntry, printedIn } from './shapes.ts'

/**
 * `0142-0001 14-09-2026 72IV6000001`, the matricola optional: the reference to a document of another till. Printers
 * receive two digits of the year: 1926 would become 2026.
 */
const EXTERNAL = /^(\d{4})-(\d{4}) (\d\d)-(\d\d)-(20\d\d)(?: ([0-9A-Z]{10,11}))?$/

const EVIDENCES = ['POS', 'VR', 'ND'] as const
/** Evidence in place of a document: the slip of a card terminal, empties, nothing. */
const EVIDENCE = /^(POS|VR|ND)(?: (\d\d)-(\d\d)-(20\d\d))?$/
/** All forms, for a refusal. */
const FORMS =
  '"ZZZZ-NNNN DD-MM-YYYY" with the matricola after it if it is another printer, "POS DD-MM-YYYY", "VR [DD-MM-YYYY]" or "ND [DD-MM-YYYY]"'

/**
 * The document or evidence that an external reference names. `day`: on which the operation was created, for empties and for
 * nothing at hand that name none; `place`: of what names it, for a refusal. Throws `related_operation_invalid`.
 */
export function externalOriginal(text: string, day: string, place: string): RtOriginal | RtEvidence {
  const original = documentIn(text.trim()) ?? evidenceIn(text.trim(), day)
  if (original === undefined) throw wrongReference('must be', place)
  return original
}

/** Throws `related_operation_invalid` for a reference to a day in the future. */
export function refuseFuture({ date }: RtOriginal | RtEvidence, today: string, place: string): void {
  if (date > today) throw wrongReference('names a day in the future. It is', place)
}

function wrongReference(why: string, place: string): FiskalError {
  return new FiskalError('related_operation_invalid', `external_operation_id ${why} ${FORMS}.`, {
    pointer: `${place}/external_related_operation/external_operation_id`,
    related_operation_id: null,
  })
}

function evidenceIn(text: string, created: string): RtEvidence | undefined {
  const [, word, day, month, year] = EVIDENCE.exec(text) ?? []
  const evidence = EVIDENCES.find((each) => each === word)
  if (evidence === undefined) return undefined
  // The slip has the day of its payment.
  if (day === undefined) return evidence === 'POS' ? undefined : { evidence, date: created }
  const date = `${year}-${month}-${day}`
  return isCalendarDate(date) ? { evidence, date } : undefined
}

function documentIn(text: string): RtOriginal | undefined {
  const [, z, number, day, month, year, serial] = EXTERNAL.exec(text) ?? []
  const date = `${year}-${month}-${day}`
  if (Number(z) < 1 || Number(number) < 1 || !isCalendarDate(date)) return undefined
  return { z: Number(z), number: Number(number), date, ...(serial !== undefined && { serial }) }
}

/** The printed documents of an operation in printing order; empty if nothing fiscal was printed. */
export function printedDocuments(
  operation: Pick<OperationDocument['shown'], 'fiscal_information'> | undefined,
): { kind: 'sale' | 'return' | 'void'; original: RtOriginal }[] {
  return printedIn(operation?.fiscal_information).flatMap((document) => {
    const { document_number: name, document_type: kind, rt_serial_number: serial } = document
    const [z, number] = name.split('-').map(Number)
    if (z === undefined || number === undefined || kind === 'non_fiscal') return []
    return [{ kind, original: { z, number, serial, date: romeDay(document.printed_at) } }]
  })
}

/** The documents of an operation that a return can refer to; undefined if it sold nothing that can be returned. */
export function returnedOf(
  operation: Pick<OperationDocument['shown'], 'type' | 'source' | 'completed_at' | 'fiscal_information'> | undefined,
): RtOriginal | RtEvidence | undefined {
  const { type, source, completed_at: at = null } = operation ?? {}
  // No printer has the document of a sale in a web shop, or of an entry in the emergency register.
  const isUnprinted = source === 'ONLINE' || isEntry(operation?.fiscal_information)
  if (isUnprinted && type !== 'return' && at !== null) return { evidence: 'ND', date: romeDay(at) }
  return printedDocuments(operation).findLast(({ kind }) => kind === 'sale')?.original
}

/** As printed and as in `reference`: `0142-0001 14-09-2026 72IV6000001`, `ND 14-09-2026`. */
export function referenceText(original: RtOriginal | RtEvidence): string {
  const { date } = original
  const day = `${date.slice(8, 10)}-${date.slice(5, 7)}-${date.slice(0, 4)}`
  if ('evidence' in original) return `${original.evidence} ${day}`
  const { z, number, serial } = original
  return [`${four(z)}-${four(number)}`, day, ...(serial === undefined ? [] : [serial])].join(' ')
}

export function four(value: number): string {
  return String(value).padStart(4, '0')
}
