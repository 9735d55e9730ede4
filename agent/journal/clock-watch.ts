import type { Clock } from '../../drivers/ports/clock.ts'
import { PLAUSIBLE_MS } from '../clock.ts'

/** A step back by more than a disciplined clock makes. */
const STEP_BACK_MS = 60_000

/** Order is `seq`; a time that cannot be right is marked so that nobody builds on it. */
export class ClockWatch {
  readonly #clock: Clock
  /** The latest wall clock seen by this process. */
  #latestMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isSuspect(): boolean {
    const now = this.#clock.now()
    const suspect = now < PLAUSIBLE_MS || now < this.#latestMs - STEP_BACK_MS
    this.#latestMs = Math.max(this.#latestMs, now)
    return suspect
  }
}
