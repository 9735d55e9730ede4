import { setImmediate } from 'node:timers/promises'
import { finishedIn } from '../../../journal/books/device-logs.ts'
import type { EventBody } from '../../../journal/events.ts'
import { bodyOf } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'

/** A finish in the journal: its signature counter and its event. */
export type PendingFinish = { readonly counter: number; readonly seq: number }

const PORTION = 100

/** The finishes of a unit after an event and above a signature counter, by counter. Yields to the tills in between. */
export async function pendingFinishes(
  view: Pick<View, 'portionAfter'>,
  serial: string,
  after: { seq: number; counter: number },
  signal: AbortSignal,
): Promise<PendingFinish[]> {
  const pending: PendingFinish[] = []
  for (let events = view.portionAfter(after.seq, PORTION); events.length > 0 && !signal.aborted; ) {
    for (const event of events) {
      if (!event.body.includes(serial)) continue
      const counter = counterOf(bodyOf(event), serial)
      if (counter > after.counter) pending.push({ counter, seq: event.seq })
    }
    await setImmediate()
    events = view.portionAfter(events.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER, PORTION)
  }
  return pending.toSorted((one, other) => one.counter - other.counter)
}

/** 0 if the event is not a finish of that unit. */
function counterOf(body: EventBody, serial: string): number {
  const done = finishedIn(body)
  if (done?.serial === serial) return done.counter
  const adopted = transactionFacts(body)
  return adopted.serial === serial ? (adopted.finished?.signature_counter ?? 0) : 0
}
