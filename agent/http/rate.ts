import type { Clock } from '../../base/clock.ts'
import { Recent } from '../../base/recent.ts'
import type { FiskalError } from '../errors.ts'
import { rateLimited } from '../errors.ts'

/** Limits of a key or address: requests per second on average, and requests at once. */
export type Rate = { perSecond: number; burst: number }

const KNOWN_MAX = 4096
const NS_PER_SECOND = 1_000_000_000

type Bucket = { tokens: number; at: bigint }

/** A token bucket per name. */
export class RateLimit {
  readonly #rate: Rate
  readonly #clock: Pick<Clock, 'mono'>
  /** A bucket that is removed is full again by then, or nearly. */
  readonly #buckets = new Recent<Bucket>(KNOWN_MAX)

  constructor(rate: Rate, clock: Pick<Clock, 'mono'>) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Throws `rate_limit_exceeded`. */
  admit(name: string): void {
    const seconds = this.take(name)
    if (seconds !== undefined) throw tooManyRequests(seconds)
  }

  /** Undefined if the request is admitted; else the seconds until the next one is. */
  take(name: string): number | undefined {
    const { perSecond, burst } = this.#rate
    const at = this.#clock.mono()
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at }
    const refilled = bucket.tokens + (Number(at - bucket.at) / NS_PER_SECOND) * perSecond
    const tokens = Math.min(burst, refilled) - 1
    // A refusal costs nothing: a caller that is too fast still gets its rate.
    this.#buckets.keep(name, tokens >= 0 ? { tokens, at } : bucket)
    return tokens >= 0 ? undefined : Math.max(1, Math.ceil(-tokens / perSecond))
  }
}

export function tooManyRequests(retryAfterSeconds: number): FiskalError {
  return rateLimited('Too many requests: slow down.', retryAfterSeconds)
}
