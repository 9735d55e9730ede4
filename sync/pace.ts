import type { Credit } from './target.ts'

/** Uniform in [0, 1). */
export type Random = () => number

const BASE_MS = 1000
const CAP_MS = 300_000
const FIRST_RETRY_MS = 5000
const RETRY_AFTER_LEAST_MS = 1000
const RETRY_AFTER_MOST_MS = 3_600_000
const LEAST_BYTES = 16 << 10

/**
 * The size of batches and the delay between them. Full jitter, so that ten thousand shops that lost the same receiver
 * do not come back in the same second; the size halves on overload and grows by a tenth on success, so that they share
 * the capacity.
 */
export class Pace {
  readonly #random: Random
  readonly #most: { maxEvents: number; maxBytes: number }
  #credit: Credit | undefined
  #events: number
  #failures = 0

  constructor(most: { maxEvents: number; maxBytes: number }, random: Random) {
    this.#most = most
    this.#random = random
    this.#events = most.maxEvents
  }

  get maxEvents(): number {
    return Math.max(1, Math.floor(Math.min(this.#events, this.#credit?.maxEvents ?? Number.POSITIVE_INFINITY)))
  }

  get maxBytes(): number {
    return Math.max(LEAST_BYTES, Math.min(this.#most.maxBytes, this.#credit?.maxBytes ?? Number.POSITIVE_INFINITY))
  }

  get minIntervalMs(): number {
    return Math.min(Math.max(0, this.#credit?.minIntervalMs ?? 0), RETRY_AFTER_MOST_MS)
  }

  succeeded(credit: Credit | undefined): void {
    this.#failures = 0
    this.#credit = credit
    this.#events = Math.min(this.#most.maxEvents, this.#events * 1.1)
  }

  /** A batch has arrived, even without an answer. */
  arrived(): void {
    this.#failures = 0
  }

  /** Halves the size of the next batches, from the `count` events that were too many. */
  halve(count: number): void {
    this.#events = Math.max(1, Math.min(this.#events, count) / 2)
  }

  /** Searches for the refused event with smaller batches and short delays. */
  bisect(count: number): void {
    this.#failures = 0
    this.halve(count)
  }

  /** Time until the next attempt. The first one after a success is spread over five seconds. */
  nextDelayMs(): number {
    const most = this.#failures === 0 ? FIRST_RETRY_MS : Math.min(CAP_MS, BASE_MS * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 30)
    return this.#random() * most
  }

  /**
   * At least the receiver's own delay, plus up to a tenth. A receiver that asks for delays again and again is treated
   * like an unreachable one: its database may be down, and ten thousand shops that ask each second keep it so.
   */
  delayAfterMs(retryAfterMs: number | undefined): number {
    if (retryAfterMs === undefined) return this.nextDelayMs()
    const ownMs = this.#failures === 0 ? 0 : this.nextDelayMs()
    this.#failures = Math.max(this.#failures, 1)
    const asked = Math.min(Math.max(retryAfterMs, RETRY_AFTER_LEAST_MS), RETRY_AFTER_MOST_MS)
    return Math.max(asked * (1 + this.#random() / 10), ownMs)
  }
}
