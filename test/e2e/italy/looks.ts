import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'

/** Of a printer that has just worked, one without a plug, and any other. No driver waits so long. */
const LOOKS_MS = new Set([5000, 15_000, 30_000])
const RESTING_MS = 6000

/** A health check, and the next look at a device that is down, come when the test orders them; so does another day. */
export class Looks implements Clock {
  readonly #waiting = new Set<() => void>()
  #aheadMs = 0
  #restedMs = 0

  now = (): number => systemClock.now() + this.#aheadMs

  mono = (): bigint => systemClock.mono() + BigInt(this.#restedMs) * 1_000_000n

  after(delayMs: number, act: () => void): () => void {
    if (!LOOKS_MS.has(delayMs)) return systemClock.after(delayMs, act)
    this.#waiting.add(act)
    return () => this.#waiting.delete(act)
  }

  /** Another day of the calendar. */
  jump(to: string): void {
    this.#aheadMs = Date.parse(to) - systemClock.now()
  }

  /** A printer that worked just now is left alone. */
  rest(): void {
    this.#restedMs += RESTING_MS
  }

  look(): void {
    const due = [...this.#waiting]
    this.#waiting.clear()
    for (const act of due) act()
  }
}
