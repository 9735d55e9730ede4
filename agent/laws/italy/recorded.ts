import type { RtDocument } from '../../../drivers/ports/fiscal-printer.ts'
import type { DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import type { EventBody } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { documentOf } from './document-json.ts'
import { referenceText } from './original.ts'
import { printerActOf } from './printer-act.ts'
import type { PrintedDocument } from './shapes.ts'
import { isOurs } from './shapes.ts'
import { printOf, printSetBy } from './state.ts'

export type JournalSource = {
  view: Pick<View, 'event' | 'operation' | 'bodyAt'>
  headSeq: () => number
  /** Yields to other work between two pages. */
  pause: () => Promise<void>
}

/**
 * A fiscal document printed according to the journal, with its operation; `z` is the closure number as printed. `sent`:
 * the data sent to the printer, only in the event that recorded the printing.
 */
export type Recorded = { operation: string; z: number; number: number; facts: PrintedDocument; sent?: RtDocument }

type Shown = Pick<DocumentOf<'closing'>['shown'], 'z_numbers' | 'business_date' | 'fiscal_information'>

const PAGE = 200
const PAGES_MAX = 2000
/** An event before the newest one may name a later document: an exchange records its return twice. */
const PAGES_AFTER_ENOUGH = 5
const NUMBER = /^(\d{4})-(\d{4})$/

/**
 * Pages of the documents of a printer in the journal, the newest first: events are nearly in printing order. `isEnough`
 * is called for each page; a few more pages are read after it returns true.
 */
export async function* newestRecorded(
  { view, headSeq, pause }: JournalSource,
  serial: string,
  isEnough: (page: readonly Recorded[]) => boolean,
): AsyncGenerator<readonly Recorded[]> {
  let pagesAfter = 0
  for (let upTo = headSeq(), pages = 0; upTo > 0 && pages < PAGES_MAX && pagesAfter <= PAGES_AFTER_ENOUGH; pages++) {
    const after = Math.max(0, upTo - PAGE)
    const seqs = Array.from({ length: upTo - after }, (_, index) => after + 1 + index)
    // One at a time: a page of large events may exceed the memory of the process.
    const page = seqs.flatMap((seq) => recordedIn(view, view.event(seq), serial))
    yield page
    if (pagesAfter > 0 || isEnough(page)) pagesAfter++
    upTo -= PAGE
    await pause()
  }
}

/** The printed documents of an operation, including those of an unfinished exchange. */
export function printedOf(document: OperationDocument): readonly PrintedDocument[] {
  return [...finallyPrinted(document.shown), ...printOf(document).printed]
}

/** The printed documents that an event sets. */
export function printedBy(body: EventBody): readonly PrintedDocument[] {
  return [...finallyPrinted(shownBy(body)), ...printSetBy(body).printed]
}

/** The members of an operation or closing that an event sets. This program wrote it, so its shape is known. */
export function shownBy({ set }: EventBody): Partial<Shown> {
  return (set ?? {}) as Partial<Shown>
}

function finallyPrinted({ fiscal_information: facts }: Partial<Shown>): readonly PrintedDocument[] {
  return isOurs(facts) ? (facts.documents ?? [facts]) : []
}

/** The documents of one printer; its slips are not fiscal documents. */
export function recordedOf(operation: string, printed: readonly PrintedDocument[], serial: string): Recorded[] {
  return printed.flatMap((document) => {
    const [, z, number] = NUMBER.exec(document.document_number) ?? []
    if (z === undefined || document.rt_serial_number !== serial || document.document_type === 'non_fiscal') return []
    return [{ operation, z: Number(z), number: Number(number), facts: document }]
  })
}

function recordedIn(
  view: JournalSource['view'],
  event: { op: string; body: string } | undefined,
  serial: string,
): Recorded[] {
  if (event?.body.includes('"rt_serial_number"') !== true) return []
  const body = bodyOf(event)
  const documents = recordedOf(event.op, printedBy(body), serial)
  const last = documents.at(-1)
  const sent = body.ref === undefined || last === undefined ? undefined : sentFor(view, body.ref, last)
  if (last !== undefined && sent !== undefined) last.sent = sent
  return documents
}

/** Undefined for the act of another document: an event may record an earlier printing and the refusal of the next. */
function sentFor(view: JournalSource['view'], intent: number, { facts }: Recorded): RtDocument | undefined {
  const { act } = view.bodyAt(intent)
  const asked = act && printerActOf(act)
  if (asked?.name !== 'print') return undefined
  const document = documentOf(asked.document)
  const isOther = document.kind === 'void' && referenceText(document.original) !== facts.reference
  return document.kind === facts.document_type && !isOther ? document : undefined
}
