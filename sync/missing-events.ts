import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'

/** 2026: no event is older. An older date comes from a clock that had lost its time, and its age is unknown. */
const EARLIEST_MS = 1_767_225_600_000

/**
 * Since when a target misses events. The wall clock may be set in the meantime, or have been wrong when the event was
 * made: the shorter age counts, by the clock now or by the clock at first notice, but at least the time since then.
 */
export class MissingEvents {
  readonly #clock: Clock
  #noticed: { readonly atMs: number; readonly agedMs: number; readonly monoMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since 1970; undefined if nothing is missing. */
  get sinceMs(): number | undefined {
    if (this.#noticed === undefined) return undefined
    const { atMs, agedMs, monoMs: noticedMs } = this.#noticed
    const passedMs = monoMs(this.#clock) - noticedMs
    const nowMs = this.#clock.now()
    return nowMs - Math.max(passedMs, Math.min(nowMs - atMs, passedMs + agedMs))
  }

  /** Starts at the time of that event; default: now. */
  since(atMs: number = this.#clock.now()): void {
    const agedMs = atMs < EARLIEST_MS ? 0 : Math.max(0, this.#clock.now() - atMs)
    this.#noticed = { atMs, agedMs, monoMs: monoMs(this.#clock) }
  }

  nothing(): void {
    this.#noticed = undefined
  }
}
