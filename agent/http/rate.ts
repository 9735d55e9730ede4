import type { Clock } from '../../base/clock.ts'
import { FiskalError } from '../errors.ts'

/** Requests that a key or address may make: so many a second in the long run, so many at once. */
export type Rate = { perSecond: number; burst: number }

const KNOWN_MAX = 4096
const NS_PER_SECOND = 1_000_000_000

type Bucket = { left: number; at: bigint }

/** A bucket of requests for each name, filled again by the clock. */
export class RateLimit {
  readonly #rate: Rate
  readonly #clock: Pick<Clock, 'mono'>
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: Rate, clock: Pick<Clock, 'mono'>) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Throws `rate_limit_exceeded`. */
  admit(name: string): void {
    const { perSecond, burst } = this.#rate
    const at = this.#clock.mono()
    const known = this.#buckets.get(name) ?? { left: burst, at }
    const refilled = known.left + (Number(at - known.at) / NS_PER_SECOND) * perSecond
    const left = Math.min(burst, refilled) - 1
    // The order of the map is that of the last use: who is forgotten first has a full bucket again by then, or nearly.
    this.#buckets.delete(name)
    // A refusal costs nothing: whoever asks faster than he may gets his rate.
    this.#buckets.set(name, left >= 0 ? { left, at } : known)
    if (this.#buckets.size > KNOWN_MAX) this.#forgetOldest()
    if (left >= 0) return
    const retryAfterSeconds = Math.max(1, Math.ceil(-left / perSecond))
    throw new FiskalError('rate_limit_exceeded', 'Too many requests: slow down.', {}, { retryAfterSeconds })
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest)
      return
    }
  }
}
