import type { Clock } from '../../base/clock.ts'

type Timer = { readonly dueMs: number; readonly act: () => void; readonly handle: NodeJS.Timeout }

/** Real time that leaps ahead on request: hours pass in a test, and every timer in between fires. */
export class LeapClock implements Clock {
  #leaptMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return Date.now() + this.#leaptMs
  }

  mono(): bigint {
    return process.hrtime.bigint() + BigInt(this.#leaptMs) * 1_000_000n
  }

  after(delayMs: number, act: () => void): () => void {
    const handle = setTimeout(() => this.#fire(timer), delayMs)
    handle.unref()
    const timer: Timer = { dueMs: this.#elapsedMs() + delayMs, act, handle }
    this.#timers.add(timer)
    return () => this.#drop(timer)
  }

  leap(ms: number): void {
    this.#leaptMs += ms
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.#elapsedMs())
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) this.#fire(timer)
  }

  #elapsedMs(): number {
    return Number(this.mono() / 1_000_000n)
  }

  #fire(timer: Timer): void {
    // One that went off before may have cancelled it.
    if (!this.#timers.has(timer)) return
    this.#drop(timer)
    timer.act()
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle)
    this.#timers.delete(timer)
  }
}
