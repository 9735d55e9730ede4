import { membersIn } from '../checked.ts'
import type { EventBody, StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'

/**
 * Consecutive events that were dated by a clock that was slow or implausible, with the receipts that they made final.
 */
export type SuspectSpan = {
  fromSeq: number
  toSeq: number
  /** Times of the first and the last event, as recorded. */
  from: string
  to: string
  /** The first and the last number of each register. */
  receipts: { register: string; first: number; last: number }[]
}

/** The most spans that are reported in detail. */
const SPANS_MAX = 20
const MARK = '"clock":"suspect"'

/** Collects the spans of a walk through the journal, whose events come in order. */
export class SuspectSpans {
  readonly list: SuspectSpan[] = []
  count = 0
  #running: SuspectSpan | undefined

  note(event: Pick<StoredEvent, 'seq' | 'at' | 'body'>): void {
    // Parsed only if the mark is in the text: a till can send these words too.
    const body = event.body.includes(MARK) ? marked(event) : undefined
    if (body === undefined) {
      this.#running = undefined
      return
    }
    const span = this.#running ?? this.#begin(event)
    span.toSeq = event.seq
    span.to = event.at
    noteReceipt(span, body)
  }

  #begin({ seq, at }: Pick<StoredEvent, 'seq' | 'at'>): SuspectSpan {
    const span = { fromSeq: seq, toSeq: seq, from: at, to: at, receipts: [] }
    this.#running = span
    this.count++
    if (this.list.length < SPANS_MAX) this.list.push(span)
    return span
  }
}

/** One sentence for each reported span, and the number of further ones. */
export function suspectTexts({ list, count }: Pick<SuspectSpans, 'list' | 'count'>): string[] {
  const texts = list.map(
    ({ fromSeq, toSeq, from, to }) =>
      `the clock was slow or implausible: seq ${fromSeq} to ${toSeq}, ${from} to ${to} (clock_suspect)`,
  )
  const more = count - list.length
  return more === 0 ? texts : [...texts, `and ${more} times more (clock_suspect)`]
}

function marked(event: Pick<StoredEvent, 'body'>): ReturnType<typeof bodyOf> | undefined {
  try {
    const body = bodyOf(event)
    return body.clock === 'suspect' ? body : undefined
  } catch {
    // Invalid JSON is a separate finding.
    return undefined
  }
}

/** The numbers of a register are consecutive. */
function noteReceipt({ receipts }: SuspectSpan, { receipt }: EventBody): void {
  const { register, number } = membersIn(receipt) ?? {}
  if (typeof register !== 'string' || typeof number !== 'number') return
  const known = receipts.find((row) => row.register === register)
  if (known === undefined) receipts.push({ register, first: number, last: number })
  else known.last = number
}
