import type { Clock } from '../../drivers/ports/clock.ts'
import { PLAUSIBLE_MS } from '../clock.ts'

/** A step back by more than a disciplined clock makes. */
const STEP_BACK_MS = 60_000

/** Order is `seq`; a time that cannot be right is marked so that nobody builds on it. */
export class ClockWatch {
  readonly #clock: Clock
  /** Of the newest event that was there before this process and is not marked. */
  #foundMs: number
  /** The latest wall clock seen by this process, or found by it. */
  #latestMs: number

  constructor(clock: Clock, foundMs = 0) {
    this.#clock = clock
    this.#foundMs = foundMs
    this.#latestMs = foundMs
  }

  isSuspect(): boolean {
    const now = this.#clock.now()
    const suspect = now < PLAUSIBLE_MS || now < this.#latestMs - STEP_BACK_MS
    this.#latestMs = Math.max(this.#latestMs, now)
    return suspect
  }

  /** A person said that the clock is right: what was later ran ahead. */
  trust(): void {
    this.#foundMs = 0
    this.#latestMs = this.#clock.now()
  }

  /** The time of the newest event that was found, while that has not come yet. */
  get timeToCome(): number | undefined {
    return this.#clock.now() < this.#foundMs - STEP_BACK_MS ? this.#foundMs : undefined
  }
}
