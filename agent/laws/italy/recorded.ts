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
  /** Lets others go on between two pages. */
  pause: () => Promise<void>
}

/**
 * A fiscal document that the journal holds to be printed, with its operation; `z` is the closure number as printed.
 * `sent`: what the printer was sent for it, in the event that tells of its printing and in no later one.
 */
export type Recorded = { operation: string; z: number; number: number; facts: PrintedDocument; sent?: RtDocument }

type Shown = Pick<DocumentOf<'closing'>['shown'], 'z_numbers' | 'business_date' | 'fiscal_information'>

const PAGE = 200
const PAGES_MAX = 2000
/** Behind the newest event that names a document an older one may name a later one: an exchange tells its return twice. */
const PAGES_BEHIND = 5
const NUMBER = /^(\d{4})-(\d{4})$/

/**
 * Pages of what a printer printed by the journal, the newest first: events stand in the order of printing, nearly.
 * `isEnough` is asked of each page; some pages more are read then.
 */
export async function* newestRecorded(
  { view, headSeq, pause }: JournalSource,
  serial: string,
  isEnough: (page: readonly Recorded[]) => boolean,
): AsyncGenerator<readonly Recorded[]> {
  let behind = 0
  for (let upTo = headSeq(), pages = 0; upTo > 0 && pages < PAGES_MAX && behind <= PAGES_BEHIND; pages++) {
    const after = Math.max(0, upTo - PAGE)
    const seqs = Array.from({ length: upTo - after }, (_, index) => after + 1 + index)
    // One by one: some events are so large that a page of them is more than the process may hold.
    const page = seqs.flatMap((seq) => recordedIn(view, view.event(seq), serial))
    yield page
    if (behind > 0 || isEnough(page)) behind++
    upTo -= PAGE
    await pause()
  }
}

/** The printed documents of an operation, those of an exchange that is not finished too. */
export function printedOf(document: OperationDocument): readonly PrintedDocument[] {
  return [...finallyPrinted(document.shown), ...printOf(document).printed]
}

/** The printed documents that an event sets. */
export function printedBy(body: EventBody): readonly PrintedDocument[] {
  return [...finallyPrinted(shownBy(body)), ...printSetBy(body).printed]
}

/** What an event sets of an operation or a closing. The journal wrote it itself, so its shape is known. */
export function shownBy({ set }: EventBody): Partial<Shown> {
  return (set ?? {}) as Partial<Shown>
}

function finallyPrinted({ fiscal_information: facts }: Partial<Shown>): readonly PrintedDocument[] {
  return isOurs(facts) ? (facts.documents ?? [facts]) : []
}

/** Those of one printer; its slips are not fiscal documents. */
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

/** Undefined for the act of another document: an event may tell of what was printed before, and of the refusal of the next. */
function sentFor(view: JournalSource['view'], intent: number, { facts }: Recorded): RtDocument | undefined {
  const { act } = view.bodyAt(intent)
  const asked = act && printerActOf(act)
  if (asked?.name !== 'print') return undefined
  const document = documentOf(asked.document)
  const isOther = document.kind === 'void' && referenceText(document.original) !== facts.reference
  return document.kind === facts.document_type && !isOther ? document : undefined
}
