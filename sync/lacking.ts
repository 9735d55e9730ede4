import type { Clock } from './clock.ts'
import { monoMs } from './clock.ts'

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
    return Math.min(this.#noticed.atMs, this.#clock.now() - passedMs)
  }

  /** Of an event made at that time; now where it is not known. */
  since(atMs: number = this.#clock.now()): void {
    this.#noticed = { atMs, monoMs: monoMs(this.#clock) }
  }

  nothing(): void {
    this.#noticed = undefined
  }
}
