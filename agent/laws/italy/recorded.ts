import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import type { DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import type { PaperCheck } from '../../journal/documents/records.ts'
import type { EventBody, FoundDocuments } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { documentOf } from './document-json.ts'
import { referenceText } from './original.ts'
import type { RecordedClosing } from './printer-act.ts'
import { printerActOf } from './printer-act.ts'
import type { PrintedDocument } from './shapes.ts'
import { isOurs, printedIn } from './shapes.ts'
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

/** The records of one printer in a part of the journal. `annulled`: numbers of sales printed instead of a return. */
export type PrinterRecords = {
  readonly documents: readonly Recorded[]
  readonly found: readonly FoundDocuments[]
  readonly closings: readonly RecordedClosing[]
  readonly annulled: readonly string[]
  /** Operations that printed a slip, and its Z. */
  readonly slips: readonly { readonly operation: string; readonly z: number }[]
}

type Shown = Pick<
  DocumentOf<'closing'>['shown'],
  'z_numbers' | 'business_date' | 'totals' | 'hints' | 'fiscal_information'
>
type StoredEvent = { op: string; body: string }

const PAGE = 200
const PAGES_MAX = 2000
/** An event before the newest one may name a later document: an exchange records its return twice. */
const PAGES_AFTER_ENOUGH = 5
const NUMBER = /^(\d{4})-(\d{4})$/

/**
 * The records of a printer in the journal, in pages with the newest first: events are nearly in printing order.
 * `isEnough` is called with the documents of each page; a few more pages are read after it returns true.
 */
export async function* newestRecorded(
  { view, headSeq, pause }: JournalSource,
  serial: string,
  isEnough: (page: readonly Recorded[]) => boolean,
): AsyncGenerator<PrinterRecords> {
  let pagesAfter = 0
  for (let upTo = headSeq(), pages = 0; upTo > 0 && pages < PAGES_MAX && pagesAfter <= PAGES_AFTER_ENOUGH; pages++) {
    const after = Math.max(0, upTo - PAGE)
    const seqs = Array.from({ length: upTo - after }, (_, index) => after + 1 + index)
    // One at a time: a page of large events may exceed the memory of the process.
    const page = seqs.flatMap((seq) => recordsIn(view, view.event(seq), serial))
    const documents = page.flatMap((records) => records.documents)
    yield {
      documents,
      found: page.flatMap(({ found }) => found),
      closings: page.flatMap(({ closings }) => closings),
      annulled: page.flatMap(({ annulled }) => annulled),
      slips: page.flatMap(({ slips }) => slips),
    }
    if (pagesAfter > 0 || isEnough(documents)) pagesAfter++
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

function finallyPrinted({
  fiscal_information: facts,
}: Partial<Pick<Shown, 'fiscal_information'>>): readonly PrintedDocument[] {
  return printedIn(facts)
}

/** The documents of one printer; its slips are not fiscal documents. */
export function recordedOf(operation: string, printed: readonly PrintedDocument[], serial: string): Recorded[] {
  return printed.flatMap((document) => {
    const [, z, number] = NUMBER.exec(document.document_number) ?? []
    if (z === undefined || document.rt_serial_number !== serial || document.document_type === 'non_fiscal') return []
    return [{ operation, z: Number(z), number: Number(number), facts: document }]
  })
}

function recordsIn(view: JournalSource['view'], event: StoredEvent | undefined, serial: string): PrinterRecords[] {
  // Most events are about something else: they are not parsed.
  if (event === undefined || !/"(rt_serial_number|found|annulled)"/.test(event.body)) return []
  const body = bodyOf(event)
  const { found } = body
  const { annulled = [], serial: printer = serial } = (body.set ?? {}) as Pick<PaperCheck, 'annulled' | 'serial'>
  return [
    {
      documents: documentsIn(view, event.op, body, serial),
      found: found?.serial === serial ? [found] : [],
      closings: closingsIn(body, serial),
      // Z and number alone repeat on another printer.
      annulled: printer === serial ? annulled : [],
      slips: slipsIn(event.op, body, serial),
    },
  ]
}

/** The fiscal documents that an event records, the last one with the data that were sent. */
export function sentBy(
  view: Pick<View, 'bodyAt'>,
  body: EventBody,
): { readonly facts: PrintedDocument; readonly sent: RtDocument | undefined }[] {
  const documents = printedBy(body).filter(({ document_type: type }) => type !== 'non_fiscal')
  return documents.map((facts, index) => {
    const isLast = index === documents.length - 1
    return { facts, sent: isLast && body.ref !== undefined ? sentFor(view, body.ref, { facts }) : undefined }
  })
}

function documentsIn(view: JournalSource['view'], op: string, body: EventBody, serial: string): Recorded[] {
  const documents = recordedOf(op, printedBy(body), serial)
  const last = documents.at(-1)
  const sent = body.ref === undefined || last === undefined ? undefined : sentFor(view, body.ref, last)
  if (last !== undefined && sent !== undefined) last.sent = sent
  return documents
}

function slipsIn(operation: string, body: EventBody, serial: string): PrinterRecords['slips'] {
  const slips = printedBy(body).filter(({ document_type: type, rt_serial_number: of }) => {
    return type === 'non_fiscal' && of === serial
  })
  return slips.map(({ z_number: z }) => ({ operation, z: Number(z) }))
}

function closingsIn(body: EventBody, serial: string): RecordedClosing[] {
  const { z_numbers: numbers = [], totals, hints, fiscal_information: facts } = shownBy(body)
  if (!isOurs(facts) || facts.rt_serial_number !== serial || totals === undefined || totals === null) return []
  return numbers.map((z) => ({ z, totals, hints }))
}

/** Undefined for the act of another document: an event may record an earlier printing and the refusal of the next. */
function sentFor(
  view: Pick<View, 'bodyAt'>,
  intent: number,
  { facts }: Pick<Recorded, 'facts'>,
): RtDocument | undefined {
  const { act } = view.bodyAt(intent)
  const asked = act && printerActOf(act)
  if (asked?.name !== 'print') return undefined
  const document = documentOf(asked.document)
  const isReferring = document.kind === 'void' || document.kind === 'return'
  const isOther = isReferring && referenceText(document.original) !== facts.reference
  return document.kind === facts.document_type && !isOther ? document : undefined
}
