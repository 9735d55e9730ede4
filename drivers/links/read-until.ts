import type { Clock } from '../../base/clock.ts'
import type { Link } from './link.ts'

/** The end of a wait that begins now, in monotonic nanoseconds. */
export function endOf(clock: Clock, waitMs: number): bigint {
  return clock.mono() + BigInt(Math.round(waitMs * 1e6))
}

/**
 * Reads the bytes of one answer, until its end. Behind the end it reads once more without waiting: bytes that came in time
 * may not have been read yet, where the process stood still.
 */
export class ReadUntil {
  readonly #link: Link
  readonly #clock: Clock
  /** The end behind which was read already. */
  #passed: bigint | undefined

  constructor(link: Link, clock: Clock) {
    this.#link = link
    this.#clock = clock
  }

  /** The next bytes before `until` (monotonic nanoseconds); undefined when none came. Throws what the link throws. */
  async next(until: bigint, signal?: AbortSignal): Promise<Buffer | undefined> {
    const leftNs = until - this.#clock.mono()
    if (leftNs > 0n) return this.#link.read(Math.ceil(Number(leftNs) / 1e6), signal)
    if (this.#passed === until) return undefined
    this.#passed = until
    return this.#link.read(0, signal)
  }
}
