import { localDate, SHOP_ZONE, shiftedDate } from '../base/clock.ts'
import { timeOfDay } from './local-time.ts'

/** The date of the last digest before a start, and the begin of the agent's work. */
type Before = { readonly sentOn: string | undefined; readonly begunMs: number | undefined }

/**
 * When the digest of a day is due: once a date, at the first look at or after its time. A machine that was off then has
 * it at its start; a shop that begins after that time gets it from the next day on. A clock that is set forward over it makes it
 * due, one that is set back does not send it twice.
 */
export class DigestClock {
  readonly #at: string
  /** Date and time of the work's begin, then of the last look. */
  #before: string | undefined
  /** Dates. */
  readonly #sent: Set<string | undefined>

  constructor(at: string, { sentOn, begunMs }: Before) {
    this.#at = at
    this.#sent = new Set([sentOn])
    this.#before = begunMs === undefined ? undefined : momentOf(begunMs)
  }

  /** The date of the digest that is due now. */
  due(wallMs: number): string | undefined {
    const [date, time] = [localDate(wallMs, SHOP_ZONE), timeOfDay(wallMs)]
    const before = this.#before
    this.#before = momentOf(wallMs)
    // After the digest of the next day, the clock was set back over midnight.
    if (time < this.#at || this.#sent.has(date) || this.#sent.has(shiftedDate(date, 1))) return undefined
    if (before === undefined || before >= `${date}T${this.#at}`) return undefined
    this.#sent.add(date)
    return date
  }
}

function momentOf(wallMs: number): string {
  return `${localDate(wallMs, SHOP_ZONE)}T${timeOfDay(wallMs)}`
}
