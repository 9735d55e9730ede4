import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'

/** 2026: no event is older. One that says so was made by a clock that had lost its time, and nobody knows when. */
const EARLIEST_MS = 1_767_225_600_000

/**
 * Since when a target lacks something. The wall clock may be set meanwhile, or have been wrong when the event was made: of
 * what it says now and what it said when that was noticed the shorter counts, and what has passed since then at least.
 */
export class Lacking {
  readonly #clock: Clock
  #noticed: { readonly atMs: number; readonly agedMs: number; readonly monoMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since 1970; undefined where nothing is lacking. */
  get sinceMs(): number | undefined {
    if (this.#noticed === undefined) return undefined
    const { atMs, agedMs, monoMs: noticedMs } = this.#noticed
    const passedMs = monoMs(this.#clock) - noticedMs
    const nowMs = this.#clock.now()
    return nowMs - Math.max(passedMs, Math.min(nowMs - atMs, passedMs + agedMs))
  }

  /** Of an event made at that time; now where it is not known. */
  since(atMs: number = this.#clock.now()): void {
    const agedMs = atMs < EARLIEST_MS ? 0 : Math.max(0, this.#clock.now() - atMs)
    this.#noticed = { atMs, agedMs, monoMs: monoMs(this.#clock) }
  }

  nothing(): void {
    this.#noticed = undefined
  }
}
