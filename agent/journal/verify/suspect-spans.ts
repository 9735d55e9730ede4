import type { StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'

/** Events one after the other that a clock dated which was behind or implausible, with the receipts that they made final. */
export type SuspectSpan = {
  fromSeq: number
  toSeq: number
  /** Times of the first and the last, as they stand there. */
  from: string
  to: string
  /** Of each register the first and the last number. */
  receipts: { register: string; first: number; last: number }[]
}

/** Told one by one. */
const SPANS_MAX = 20
const MARK = '"clock":"suspect"'

/** Gathers the spans of a walk through the journal, whose events come in their order. */
export class SuspectSpans {
  readonly list: SuspectSpan[] = []
  count = 0
  #running: SuspectSpan | undefined

  note(event: Pick<StoredEvent, 'seq' | 'at' | 'body'>): void {
    // Read only where it may be so: what a till sends can hold these words too.
    const body = event.body.includes(MARK) ? marked(event) : undefined
    if (body === undefined) {
      this.#running = undefined
      return
    }
    const span = this.#running ?? this.#begin(event)
    span.toSeq = event.seq
    span.to = event.at
    if (body.receipt !== undefined) noteReceipt(span, body.receipt)
  }

  #begin({ seq, at }: Pick<StoredEvent, 'seq' | 'at'>): SuspectSpan {
    const span = { fromSeq: seq, toSeq: seq, from: at, to: at, receipts: [] }
    this.#running = span
    this.count++
    if (this.list.length < SPANS_MAX) this.list.push(span)
    return span
  }
}

/** A sentence a span, as many as are told, and how many more there are. */
export function suspectTexts({ list, count }: Pick<SuspectSpans, 'list' | 'count'>): string[] {
  const told = list.map(
    ({ fromSeq, toSeq, from, to }) =>
      `the clock was behind or implausible: seq ${fromSeq} to ${toSeq}, ${from} to ${to} (clock_suspect)`,
  )
  const more = count - list.length
  return more === 0 ? told : [...told, `and ${more} times more (clock_suspect)`]
}

function marked(event: Pick<StoredEvent, 'body'>): ReturnType<typeof bodyOf> | undefined {
  try {
    const body = bodyOf(event)
    return body.clock === 'suspect' ? body : undefined
  } catch {
    // What is no JSON is a finding of its own.
    return undefined
  }
}

/** The numbers of a register follow each other. */
function noteReceipt({ receipts }: SuspectSpan, { register, number }: { register: string; number: number }): void {
  const known = receipts.find((row) => row.register === register)
  if (known === undefined) receipts.push({ register, first: number, last: number })
  else known.last = number
}
