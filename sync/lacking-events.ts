import type { Clock } from './clock.ts'
import { monoMs } from './clock.ts'

/** 2026: no event is older. One that says so was made by a clock that had lost its time, and nobody knows when. */
const EARLIEST_MS = 1_767_225_600_000

/**
 * Since when a target lacks something. The wall clock may be set meanwhile, or have run ahead when the event was made: what
 * has passed since it was noticed counts whatever it says, or no alarm would come before that time.
 */
export class Lacking {
  readonly #clock: Clock
  #noticed: { readonly atMs: number; readonly monoMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since 1970; undefined where nothing is lacking. */
  get sinceMs(): number | undefined {
    if (this.#noticed === undefined) return undefined
    const passedMs = monoMs(this.#clock) - this.#noticed.monoMs
    const noticedMs = this.#clock.now() - passedMs
    return this.#noticed.atMs < EARLIEST_MS ? noticedMs : Math.min(this.#noticed.atMs, noticedMs)
  }

  /** Of an event made at that time; now where it is not known. */
  since(atMs: number = this.#clock.now()): void {
    this.#noticed = { atMs, monoMs: monoMs(this.#clock) }
  }

  nothing(): void {
    this.#noticed = undefined
  }
}
