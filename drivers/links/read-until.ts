import type { Clock } from '../../base/clock.ts'
import type { Link } from './link.ts'

/** The end of a wait that begins now, in monotonic nanoseconds. */
export function endOf(clock: Clock, waitMs: number): bigint {
  return clock.mono() + BigInt(Math.round(waitMs * 1e6))
}

/**
 * Reads the bytes of one answer until a deadline, and then one last time without waiting, because bytes that came in
 * time may be unread if the process was blocked.
 */
export class ReadUntil {
  readonly #link: Link
  readonly #clock: Clock
  /** The deadline after which that last read was done. */
  #passed: bigint | undefined

  constructor(link: Link, clock: Clock) {
    this.#link = link
    this.#clock = clock
  }

  /** The next bytes before `until` (monotonic nanoseconds); undefined if none came. Throws as the link does. */
  async next(until: bigint, signal?: AbortSignal): Promise<Buffer | undefined> {
    const leftNs = until - this.#clock.mono()
    if (leftNs > 0n) return this.#link.read(Math.ceil(Number(leftNs) / 1e6), signal)
    if (this.#passed === until) return undefined
    this.#passed = until
    return this.#link.read(0, signal)
  }
}
