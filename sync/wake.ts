import type { Clock } from '../base/clock.ts'
import { waitUntil } from '../base/clock.ts'

/** Sleeps until the journal has grown to `seq`, or a time has passed, or the sync is stopped. */
export class Wake {
  readonly #clock: Clock
  #waiting: { seq: number; done: () => void } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Cheap: it runs within the turn that committed a sale. */
  grown(headSeq: number): void {
    if (this.#waiting !== undefined && headSeq >= this.#waiting.seq) this.#waiting.done()
  }

  /** Ends the wait, whatever its reason. */
  now(): void {
    this.#waiting?.done()
  }

  until(seq: number, atMostMs: number, signal: AbortSignal): Promise<void> {
    const begin = (done: () => void) => {
      this.#waiting = { seq, done }
      return () => {
        this.#waiting = undefined
      }
    }
    return waitUntil(this.#clock, atMostMs, begin, signal)
  }
}
