import type { TseNumbers } from '../../drivers/ports/tse.ts'
import { partsOf } from '../journal/documents/parts.ts'
import type { EventBody, StoredEvent } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import { transactionFacts } from '../journal/transaction-facts.ts'
import { endOfDocument } from '../journal/tse-logs.ts'

/** Transactions of a TSE, and the highest numbers that the journal has from it. */
export type JournalledNumbers = {
  transactions: ReadonlySet<number>
  last: TseNumbers
  /** False if the search reached its limit: there may be higher ones. */
  isWhole: boolean
}

type Journalled = Pick<View, 'everyIntent' | 'bodyAt' | 'portionNaming'>

/** Events that are searched for the last transactions of a device. */
const EVENTS_MAX = 20_000
/** Transactions that are enough to know the highest. */
const ENOUGH = 64

/** The last numbers of the device in the journal, as far as it is searched. */
export function journalledNumbers(view: Journalled, headSeq: number, device: string): JournalledNumbers {
  const transactions = new Set(intendedNumbers(view, device))
  let [count, signatureCounter] = [0, 0]
  let isExchanged = false
  for (const event of newestNaming(view, device, headSeq)) {
    const body = bodyOf(event)
    const { transaction, enrolled } = body
    // Earlier numbers belong to the retired TSE. Registers that moved to another TSE do not mark such a point: that TSE
    // may have been in use.
    isExchanged = event.kind === 'tse.retired' && enrolled?.device === device
    if (isExchanged || count === ENOUGH) break
    if (transaction?.device !== device) continue
    transactions.add(transaction.number)
    signatureCounter = Math.max(signatureCounter, counterIn(body))
    count++
  }
  const isWhole = isExchanged || count >= ENOUGH || headSeq <= EVENTS_MAX
  return { transactions, last: { signatureCounter, transaction: Math.max(0, ...transactions) }, isWhole }
}

/**
 * The counter of a transaction that ended signed, from its document or from the facts of an abort or an adoption;
 * otherwise 0.
 */
function counterIn(body: EventBody): number {
  const counter = endOfDocument(partsOf(body))?.counter
  if (counter !== undefined) return counter
  const { started, finished, counter: aborted = 0 } = transactionFacts(body)
  return (finished ?? started)?.signature_counter ?? aborted
}

/** The numbers of running acts: an abort names its transaction. */
function intendedNumbers(view: Journalled, device: string): number[] {
  const acts = view.everyIntent().map(({ seq }) => view.bodyAt(seq).act)
  return acts.flatMap((act) =>
    act?.device === device && typeof act['transaction'] === 'number' ? [act['transaction']] : [],
  )
}

/**
 * The events that name the device among the searched ones, newest first. Most name another one: SQLite filters them.
 */
export function* newestNaming(
  view: Pick<View, 'portionNaming'>,
  device: string,
  headSeq: number,
): Generator<StoredEvent> {
  const text = `"device":${JSON.stringify(device)}`
  const oldest = Math.max(1, headSeq - EVENTS_MAX + 1)
  for (let before = headSeq + 1; ; ) {
    const events = view.portionNaming(text, oldest, before)
    const last = events.at(-1)
    if (last === undefined) return
    yield* events
    before = last.seq
  }
}
