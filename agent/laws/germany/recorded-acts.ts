import { partsOf } from '../../journal/documents/parts.ts'
import type { Act, EventBody } from '../../journal/events.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import { endOfDocument } from '../../journal/tse-logs.ts'

/** Events in journal order, from the first one: read for the few findings that quote what was recorded. */
export type RecordedEvents = AsyncIterable<{ seq: number; body: EventBody }>

/** Each event, with the act that it ends. */
export async function* withActs(
  events: RecordedEvents,
): AsyncIterable<{ seq: number; body: EventBody; act: Act | undefined }> {
  const acts = new Map<number, Act>()
  for await (const { seq, body } of events) {
    const act = body.ref === undefined ? undefined : acts.get(body.ref)
    if (body.ref !== undefined) acts.delete(body.ref)
    if (body.act !== undefined) acts.set(seq, body.act)
    yield { seq, body, act }
  }
}

/** The processData of the finish that an event ends, of an abort or of a take-over; empty without one. */
export function recordedData(body: EventBody, act: Act | undefined): string {
  const data = endOfDocument(partsOf(body))?.processData ?? transactionFacts(body).process_data
  return String(data ?? act?.['process_data'] ?? '')
}
