import type { Clock } from '../base/clock.ts'

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
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        this.#waiting = undefined
        resolve()
      }
      const cancel = this.#clock.after(atMostMs, done)
      signal.addEventListener('abort', done, { once: true })
      this.#waiting = { seq, done }
    })
  }
}
