import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'
import type { Answer } from './target.ts'

/** During a replacement a token is refused for a moment too. */
const LONG_MS = 15 * 60_000
/**
 * Answers to what only a valid token may send. A target may show its position without one; one that is unreachable or
 * busy has not looked at it.
 */
const TAKEN: ReadonlySet<Answer['kind']> = new Set(['acked', 'gap', 'fork', 'stale_epoch', 'refused', 'too_large'])

/** Measures for how long a target has refused our token. */
export class TokenRefusal {
  readonly #clock: Clock
  #sinceMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True after a quarter of an hour, until the target takes the token. */
  get isLong(): boolean {
    return this.#sinceMs !== undefined && monoMs(this.#clock) - this.#sinceMs > LONG_MS
  }

  note({ kind }: Answer): void {
    if (kind === 'denied') this.#sinceMs ??= monoMs(this.#clock)
    else if (TAKEN.has(kind)) this.#sinceMs = undefined
  }
}
