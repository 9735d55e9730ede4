import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'

type Timer = { atMs: number; act: () => void }

/** Time that moves only from one timer to the next, and only when nothing else is left to do at that moment. */
export class VirtualClock implements Clock {
  #wallMs: number
  #elapsed = 0
  readonly #timers = new Set<Timer>()
  /** True while something is on its way that takes no time. */
  isHeld: () => boolean = () => false

  constructor(startMs = 0) {
    this.#wallMs = startMs
  }

  /** Milliseconds since the beginning of the run. */
  get elapsedMs(): number {
    return this.#elapsed
  }

  now(): number {
    return Math.floor(this.#wallMs + this.#elapsed)
  }

  mono(): bigint {
    return BigInt(Math.round(this.#elapsed * 1e6))
  }

  after(delayMs: number, act: () => void): () => void {
    const timer = { atMs: this.#elapsed + Math.max(0, delayMs), act }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  /** The wall clock jumps; durations do not. */
  jump(ms: number): void {
    this.#wallMs += ms
  }

  /** That of a device which keeps its own time: it does not jump with this one. */
  apart(startMs: number): Clock {
    return {
      now: () => Math.floor(startMs + this.#elapsed),
      mono: () => this.mono(),
      after: (ms, act) => this.after(ms, act),
    }
  }

  /** Runs everything of this moment, then advances to the next timer. False when there is none. */
  async step(): Promise<boolean> {
    do await quiet()
    while (this.isHeld())
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer
    if (next === undefined) return false
    this.#timers.delete(next)
    this.#elapsed = next.atMs
    next.act()
    return true
  }
}

/** Node's names for work in progress, and not for what merely exists (a pipe, a timer of the test's own). */
const PENDING = /^Immediate$|Req/

/** Until no file is being read or written and nothing waits for the next turn of the event loop. */
export async function quiet(): Promise<void> {
  do await turn()
  while (process.getActiveResourcesInfo().some((name) => PENDING.test(name)))
}
