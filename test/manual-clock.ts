import type { Clock } from '../base/clock.ts'

type Timer = { atMs: number; act: () => void }

/** A clock that only advances when the test moves it. */
export class ManualClock implements Clock {
  #nowMs: number
  #elapsedMs = 0
  #timers: Timer[] = []

  constructor(nowMs = Date.parse('2026-08-01T10:00:00Z')) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  mono(): bigint {
    return BigInt(Math.round(this.#elapsedMs * 1e6))
  }

  after(delayMs: number, act: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + delayMs, act }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Advances by `ms`, fires the timers on the way in order and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms
    await settled()
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#moveTo(next.atMs)
      this.#timers = this.#timers.filter((other) => other !== next)
      next.act()
      await settled()
    }
    this.#moveTo(endMs)
    await settled()
  }

  /** The wall clock jumps; durations do not. */
  jump(ms: number): void {
    this.#nowMs += ms
  }

  #next(endMs: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.atMs <= endMs)
    return due.reduce<Timer | undefined>(
      (first, timer) => (first && first.atMs <= timer.atMs ? first : timer),
      undefined,
    )
  }

  #moveTo(elapsedMs: number): void {
    this.#nowMs += elapsedMs - this.#elapsedMs
    this.#elapsedMs = elapsedMs
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
