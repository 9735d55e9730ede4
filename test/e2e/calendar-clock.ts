import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'

/** System time under another calendar. */
export class CalendarClock implements Clock {
  #offsetMs: number

  constructor(start: string) {
    this.#offsetMs = Date.parse(start) - Date.now()
  }

  jump(to: string): void {
    this.#offsetMs = Date.parse(to) - Date.now()
  }

  now(): number {
    return Date.now() + this.#offsetMs
  }

  mono(): bigint {
    return systemClock.mono()
  }

  after(delayMs: number, act: () => void): () => void {
    return systemClock.after(delayMs, act)
  }
}
