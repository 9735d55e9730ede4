import { localDate, SHOP_ZONE, shiftedDate } from '../base/clock.ts'
import { timeOfDay } from './local-time.ts'

/** A start that comes later than this after the time of the digest leaves it to the next day. */
const MISSED_HOURS = 2

/**
 * When the digest of a day is due: once a date, at the first look at or after its time. A clock that is set forward
 * over it makes it due, one that is set back does not send it twice.
 */
export class DigestClock {
  readonly #at: string
  /** Date and time of the last look. */
  #lookedAt: string | undefined
  #sentOn: string | undefined

  /** `sentOn`: the date of the last digest before the start. */
  constructor(at: string, sentOn: string | undefined) {
    this.#at = at
    this.#sentOn = sentOn
  }

  /** The date of the digest that is due now. */
  due(wallMs: number): string | undefined {
    const [date, time] = [localDate(wallMs, SHOP_ZONE), timeOfDay(wallMs)]
    const before = this.#lookedAt
    this.#lookedAt = `${date}T${time}`
    // A date of a clock that ran ahead for long says nothing.
    const sentOn = this.#sentOn !== undefined && this.#sentOn <= shiftedDate(date, 1) ? this.#sentOn : undefined
    if (time < this.#at || (sentOn !== undefined && sentOn >= date)) return undefined
    const wasBefore = before !== undefined && before < `${date}T${this.#at}`
    if (!wasBefore && hoursOf(time) - hoursOf(this.#at) > MISSED_HOURS) return undefined
    this.#sentOn = date
    return date
  }
}

function hoursOf(time: string): number {
  return Number(time.slice(0, 2)) + Number(time.slice(3)) / 60
}
