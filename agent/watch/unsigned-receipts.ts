import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { DAY_MS, monoMs, parseRfc3339 } from '../../base/clock.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import { Meters } from './meters.ts'

/** Receipts of one minute that were not signed for the same reason. Times: wall clock, and monotonic clock. */
type Entry = { readonly code: string; readonly atMs: number; readonly monoMs: number; count: number }

export type Unsigned = { readonly count: number; readonly sinceMs: number }

type Span = { readonly fromMs: number; readonly toMs: number }

const ALL: Span = { fromMs: 0, toMs: Number.POSITIVE_INFINITY }
const MINUTE_MS = 60_000
const PORTION = 200
const PORTION_LENGTH = 500_000

/**
 * Receipts of the last 24 hours that no device signed, by register and reason. Counted as their events are appended,
 * and once from the journal's last day at the start. A clock that is set changes no age.
 */
export class UnsignedReceipts {
  readonly #clock: Clock
  readonly #byRegister = new Map<string, Entry[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A receipt of that register was completed unsigned now. */
  note(register: string, code: string): void {
    this.#add(register, code, this.#clock.now(), monoMs(this.#clock))
  }

  registers(): string[] {
    return [...this.#byRegister.keys()]
  }

  /** Undefined without one; `counts` chooses by the reason code, `span` by the minute of the wall clock. */
  of(register: string, counts: (code: string) => boolean = () => true, span: Span = ALL): Unsigned | undefined {
    const entries = this.#youngOf(register).filter(
      ({ code, atMs }) => counts(code) && atMs >= span.fromMs && atMs <= span.toMs,
    )
    const [first] = entries
    if (first === undefined) return undefined
    return { count: entries.reduce((sum, { count }) => sum + count, 0), sinceMs: first.atMs }
  }

  /** Reads the events of the last day up to `head`. Till requests are served between portions. */
  async readLastDay(view: Pick<View, 'event' | 'portionAfter'>, head: number): Promise<void> {
    const [nowMs, nowMono] = [this.#clock.now(), monoMs(this.#clock)]
    let atMs = nowMs
    const past = new Meters((register, code) => this.#add(register, code, atMs, nowMono - (nowMs - atMs)))
    for (let seq = firstAfter(view, nowMs - DAY_MS, head); seq < head; await setImmediate()) {
      const events = view.portionAfter(seq, Math.min(PORTION, head - seq), PORTION_LENGTH)
      if (events.length === 0) return
      for (const event of events) {
        atMs = Math.min(parseRfc3339(event.at) ?? nowMs, nowMs)
        past.noteEvent({ kind: event.kind, op: event.op, body: bodyOf(event) })
        seq = event.seq
      }
    }
  }

  #add(register: string, code: string, atMs: number, addedMs: number): void {
    const entries = this.#byRegister.get(register) ?? []
    this.#byRegister.set(register, entries)
    const last = entries.findLast((entry) => entry.code === code)
    if (last !== undefined && Math.abs(addedMs - last.monoMs) < MINUTE_MS) last.count++
    else entries.push({ code, atMs, monoMs: addedMs, count: 1 })
  }

  #youngOf(register: string): readonly Entry[] {
    const oldestMs = monoMs(this.#clock) - DAY_MS
    const young = (this.#byRegister.get(register) ?? []).filter((entry) => entry.monoMs > oldestMs)
    if (young.length === 0) this.#byRegister.delete(register)
    else this.#byRegister.set(register, young)
    return young.sort((one, other) => one.monoMs - other.monoMs)
  }
}

/** The last event before that time, by halving: the journal is in the order of time, but for a clock that was set. */
function firstAfter(view: Pick<View, 'event'>, fromMs: number, head: number): number {
  let [below, above] = [0, head]
  while (below < above) {
    const middle = Math.ceil((below + above) / 2)
    if ((parseRfc3339(view.event(middle)?.at ?? '') ?? 0) < fromMs) below = middle
    else above = middle - 1
  }
  return below
}
