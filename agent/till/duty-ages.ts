import type { Clock } from '../../base/clock.ts'
import { monoMs, parseRfc3339 } from '../../base/clock.ts'
import type { DutyProgress } from '../journal/documents/records.ts'

type Seen = { readonly sentAt: string; readonly ageMs: number; readonly atMs: number }

/**
 * How long ago the last request of each duty was sent. A process counts by its monotonic clock: a wall clock that is set
 * neither repeats a request early nor holds it for a year. Only a request of an earlier process is dated by the wall clock.
 */
export class SentAges {
  readonly #clock: Clock
  readonly #seen = new Map<string, Seen>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(task: string, progress: DutyProgress | undefined): number {
    const sentAt = progress?.sent_at
    if (sentAt === undefined) return 0
    const nowMs = monoMs(this.#clock)
    const known = this.#seen.get(task)
    const seen = known?.sentAt === sentAt ? known : { sentAt, ageMs: this.#byCalendar(sentAt), atMs: nowMs }
    this.#seen.set(task, seen)
    return seen.ageMs + nowMs - seen.atMs
  }

  forget(task: string): void {
    this.#seen.delete(task)
  }

  /** At least 0: a later time is one from which the clock was set back. */
  #byCalendar(sentAt: string): number {
    return Math.max(0, this.#clock.now() - (parseRfc3339(sentAt) ?? this.#clock.now()))
  }
}
