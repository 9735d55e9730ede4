import type { Clock } from '../../base/clock.ts'
import { patientClock } from '../patient-clock.ts'

/** System time under another calendar, with patient deadlines. */
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
    return patientClock.mono()
  }

  after(delayMs: number, act: () => void): () => void {
    return patientClock.after(delayMs, act)
  }
}
