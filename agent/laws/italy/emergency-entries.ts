import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { unitId } from '../../journal/documents/records.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { rateKey } from './books/rates.ts'
import type { PrinterEmergency } from './emergency.ts'
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
  view: Pick<View, 'portionNaming' | 'operation' | 'eventsOf'>
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
  const from = openingOf(view, serial, emergency.id)
  const printed = await printedSince(source, serial, from)
  const entries: Entry[] = []
  for (const events of portionsNaming(view, emergency.id, { from, before: headSeq() + 1 })) {
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
  { from, before }: { from: number; before: number },
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

/** The event that opened it. */
export function openingOf(view: Pick<View, 'eventsOf'>, serial: string, emergency: string): number {
  const opening = view.eventsOf(unitId(serial)).find(({ body }) => body.includes(emergency))
  return opening?.seq ?? 0
}

/** Documents that were found in the memory of the printer since then, by the reference on them. */
async function printedSince(
  { view, headSeq, pause }: EntrySource,
  serial: string,
  from: number,
): Promise<ReadonlyMap<string, string>> {
  const printed = new Map<string, string>()
  for (const documents of foundPortions(view, serial, { from, before: headSeq() + 1 })) {
    for (const [reference, name] of documents) printed.set(reference, name)
    await pause()
  }
  return printed
}

/** The same in portions of the journal: `ZZZZ-NNNN` by the reference. */
export function* foundPortions(
  view: Pick<View, 'portionNaming'>,
  serial: string,
  { from, before }: { from: number; before: number },
): Generator<ReadonlyMap<string, string>> {
  for (const events of portionsNaming(view, '"found":', { from, before }))
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
