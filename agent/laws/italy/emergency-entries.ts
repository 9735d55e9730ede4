import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { unitId } from '../../journal/documents/records.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { rateKey } from './books/rates.ts'
import type { PrinterEmergency } from './emergency.ts'
import { emergenciesOf } from './emergency.ts'
import { four } from './original.ts'
import type { PeriodSettings } from './period.ts'
import { ratesOf } from './period.ts'
import type { JournalSource } from './recorded.ts'
import { shownBy } from './recorded.ts'
import type { EntryInformation } from './shapes.ts'
import { isEntry } from './shapes.ts'
import type { EntryFacts } from './state.ts'
import { stateOf } from './state.ts'
import { referenceOf } from './steps.ts'

/**
 * An entry in the emergency register. `printedAs`: the document of the printer that a person had not seen; its Z counts
 * it.
 */
export type Entry = {
  readonly seq: number
  readonly operation: GoodsDocument
  readonly information: EntryInformation
  readonly facts: EntryFacts
  readonly printedAs: string | undefined
  /** By rate or natura; several departments of one rate are one. */
  readonly centsByKind: ReadonlyMap<string, bigint>
}

export type EntrySource = Pick<JournalSource, 'headSeq' | 'pause'> & {
  view: Pick<View, 'portionNaming' | 'operation' | 'eventsOf' | 'unit'>
}

/** Entries read before yielding to other work. */
const AT_ONCE = 10
/** Events that one search passes over. */
const WINDOW = 200

/** The entries of an emergency in their order, read between the requests of tills. */
export async function entriesIn(
  source: EntrySource,
  { serial, emergency }: PrinterEmergency,
  settings: PeriodSettings,
): Promise<Entry[]> {
  const { view, headSeq, pause } = source
  const span = spanOf(view, serial, emergency.id, headSeq())
  const printed = await printedWithin(source, serial, span)
  const entries: Entry[] = []
  for (const events of portionsNaming(view, emergency.id, span)) {
    await pause()
    for (const [index, { seq, op, body }] of events.entries()) {
      const entry = isEntry(shownBy(bodyOf({ body })).fiscal_information)
        ? entryAt(view, { seq, op }, printed, settings)
        : undefined
      if (entry !== undefined) entries.push(entry)
      if (index % AT_ONCE === AT_ONCE - 1) await pause()
    }
  }
  return entries.toReversed()
}

/** The events that name a text, the newest first: a search for each window, also for one without any. */
function* portionsNaming(
  view: Pick<View, 'portionNaming'>,
  text: string,
  { from, before }: Span,
): Generator<ReturnType<View['portionNaming']>> {
  for (let upTo = before; upTo > from; ) {
    const start = Math.max(from, upTo - WINDOW)
    const events = view.portionNaming(text, start, upTo)
    upTo = events.at(-1)?.seq ?? start
    yield events
  }
}

function entryAt(
  view: Pick<View, 'operation'>,
  { seq, op }: { seq: number; op: string },
  printed: ReadonlyMap<string, string>,
  settings: PeriodSettings,
): Entry | undefined {
  const operation = view.operation(op)
  if (operation === undefined || !isGoods(operation)) return undefined
  const { fiscal_information: information } = operation.shown
  const { entry: facts } = stateOf(operation).facts
  if (!isEntry(information) || facts === undefined) return undefined
  const printedAs = printed.get(referenceOf(operation))
  return { seq, operation, information, facts, printedAs, centsByKind: centsByKind(operation, settings) }
}

function centsByKind(operation: GoodsDocument, settings: PeriodSettings): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { key, cents } of ratesOf(operation, settings)) {
    const [kind = ''] = rateKey(key).split('/')
    sums.set(kind, (sums.get(kind) ?? 0n) + cents)
  }
  return sums
}

type Span = { readonly from: number; readonly before: number }

/**
 * The events of an emergency, from its opening to its close, which names what the printer had printed. A printer that was
 * closed for good may report that later.
 */
export function spanOf(view: Pick<View, 'eventsOf' | 'unit'>, serial: string, id: string, headSeq: number): Span {
  const events = view.eventsOf(unitId(serial))
  const from = events.find(({ body }) => body.includes(id))?.seq ?? 0
  const end = events.find(({ seq, kind }) => seq > from && kind === 'emergency.closed')?.seq
  const isForGood = emergenciesOf(view, serial).some((each) => each.id === id && each.for_good === true)
  return { from, before: (end === undefined || isForGood ? headSeq : end) + 1 }
}

/** Documents that were found in the memory of the printer, by the reference on them. */
async function printedWithin(
  { view, pause }: EntrySource,
  serial: string,
  span: Span,
): Promise<ReadonlyMap<string, string>> {
  const printed = new Map<string, string>()
  for (const documents of foundPortions(view, serial, span)) {
    for (const [reference, name] of documents) printed.set(reference, name)
    await pause()
  }
  return printed
}

/** The same in portions of the journal: `ZZZZ-NNNN` by the reference. */
export function* foundPortions(
  view: Pick<View, 'portionNaming'>,
  serial: string,
  span: Span,
): Generator<ReadonlyMap<string, string>> {
  for (const events of portionsNaming(view, '"found":', span))
    yield new Map(
      events.flatMap(({ body }) => {
        const { found } = bodyOf({ body })
        const documents = found?.serial === serial ? found.documents : []
        return documents.flatMap(({ reference, number }): [string, string][] =>
          reference === null ? [] : [[reference, `${four(found?.z ?? 0)}-${four(number)}`]],
        )
      }),
    )
}
