import { PLAUSIBLE_MS, parseRfc3339 } from '../../../base/clock.ts'
import { bodyReader } from '../body-reader.ts'
import { membersIn } from '../checked.ts'
import type { EventBody, StoredEvent } from '../events.ts'
import type { ReceiptRange } from './clock-history.ts'
import { ClockHistory, receiptOf } from './clock-history.ts'

/**
 * Consecutive events that were dated by a wrong clock, with the receipts that they made final: a clock that was slow or
 * implausible, or one that ran ahead, as a later confirmation shows.
 */
export type SuspectSpan = {
  isAhead: boolean
  fromSeq: number
  toSeq: number
  /** Times of the first and the last event, as recorded. */
  from: string
  to: string
  receipts: ReceiptRange[]
}

type Read = Pick<StoredEvent, 'seq' | 'at' | 'body'>
/** `isLost`: before 2026, which no confirmation makes right. */
type MarkedSpan = SuspectSpan & { isLost: boolean }

/** The most spans that are reported in detail, and that a confirmation can still end. */
const SPANS_MAX = 20
const KEPT_MAX = 10_000

/** Collects the spans of a walk through the journal, whose events come in order. */
export class SuspectSpans {
  readonly #history = new ClockHistory()
  #spans: MarkedSpan[] = []
  /** Spans beyond those that are kept. */
  #more = 0
  #running: MarkedSpan | undefined

  get list(): SuspectSpan[] {
    return this.#spans.slice(0, SPANS_MAX).map(({ isLost: _, ...span }) => span)
  }

  get count(): number {
    return this.#spans.length + this.#more
  }

  /** `json` returns the parsed body. */
  note(event: Read, json = bodyReader(event.body)): void {
    const body = bodyIn(json)
    if (body?.clock === 'suspect') {
      this.#mark(event, body)
      return
    }
    this.#running = undefined
    if (body?.clock === 'right') this.#confirm(event, body)
    this.#history.note(event, json)
  }

  #mark(event: Read, body: EventBody): void {
    const isLost = (parseRfc3339(event.at) ?? 0) < PLAUSIBLE_MS
    const span = this.#running?.isLost === isLost ? this.#running : this.#begin(event, isLost)
    span.toSeq = event.seq
    span.to = event.at
    noteReceipt(span, body)
  }

  #begin({ seq, at }: Read, isLost: boolean): MarkedSpan {
    const span = { isAhead: false, isLost, fromSeq: seq, toSeq: seq, from: at, to: at, receipts: [] }
    this.#running = span
    if (this.#spans.length < KEPT_MAX) this.#spans.push(span)
    else this.#more++
    return span
  }

  /**
   * The clock ran ahead before: the events later than the confirmed time are the wrong ones, and those that were marked
   * since are right. Not those of a clock that had lost its time.
   */
  #confirm({ seq, at }: Read, body: EventBody): void {
    const { to = at } = membersIn(body.facts) ?? {}
    const ahead = this.#laterThan(String(to), seq)
    if (ahead === undefined) return
    const [from, last] = ahead
    const receipts = this.#history.receiptsFrom(from, seq)
    const span = {
      ...this.#history.timesOf(from, last),
      isAhead: true,
      isLost: false,
      fromSeq: from,
      toSeq: last,
      receipts,
    }
    const before = this.#spans.filter(({ fromSeq }) => fromSeq < from)
    const lost = this.#spans.filter(({ fromSeq, isLost }) => fromSeq > from && isLost)
    this.#spans = [...before, span, ...lost]
  }

  /** The first and the last unmarked event before a seq, in one row, that are later than a time; undefined without one. */
  #laterThan(time: string, before: number): [first: number, last: number] | undefined {
    let range: [number, number] | undefined
    const marked = this.#spans.filter(({ isAhead }) => !isAhead)
    for (let seq = before - 1; seq > 0; seq--) {
      const span = marked.at(-1)
      if (span?.toSeq === seq) {
        seq = span.fromSeq
        marked.pop()
      } else if (this.#history.isLater(seq, time)) range = [seq, range?.[1] ?? seq]
      else return range
    }
    return range
  }
}

/** One sentence for each reported span, and the number of further ones. */
export function suspectTexts({ list, count }: Pick<SuspectSpans, 'list' | 'count'>): string[] {
  const texts = list.map(({ isAhead, fromSeq, toSeq, from, to }) => {
    const what = isAhead ? 'the clock was ahead' : 'the clock was slow or implausible'
    return `${what}: seq ${fromSeq} to ${toSeq}, ${from} to ${to} (clock_suspect)`
  })
  const more = count - list.length
  return more === 0 ? texts : [...texts, `and ${more} times more (clock_suspect)`]
}

function bodyIn(json: () => unknown): EventBody | undefined {
  try {
    return json() as EventBody
  } catch {
    // Invalid JSON is a separate finding.
    return undefined
  }
}

/** The numbers of a register are consecutive. */
function noteReceipt({ receipts }: SuspectSpan, body: EventBody): void {
  const receipt = receiptOf(() => body)
  if (receipt === undefined) return
  const { register, number } = receipt
  const range = receipts.find((row) => row.register === register)
  if (range === undefined) receipts.push({ register, first: number, last: number })
  else range.last = number
}
