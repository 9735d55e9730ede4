import type { Clock } from '../../../clients/typescript/src/clock.ts'

type Timer = { readonly atMs: number; readonly act: () => void }

/** Moves to its next timer as soon as nothing else is to do: waits cost no time. */
export class SkippingClock implements Clock {
  #nowMs = 0
  #timers: Timer[] = []

  now(): number {
    return this.#nowMs
  }

  after(ms: number, act: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, act }
    this.#timers.push(timer)
    setImmediate(() => this.#skip())
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  #skip(): void {
    const [next] = [...this.#timers].sort((one, other) => one.atMs - other.atMs)
    if (next === undefined) return
    this.#timers = this.#timers.filter((other) => other !== next)
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    next.act()
    setImmediate(() => this.#skip())
  }
}
