import type { Clock } from '../../base/clock.ts'
import { endOf } from './read-until.ts'

/**
 * The end of waits that are mostly over long before it. The running timer is reused for the next wait, and rearmed if
 * it fires too early, so a dialogue of many short waits needs few timers.
 */
export class Deadline {
  readonly #clock: Clock
  readonly #act: () => void
  /** Monotonic nanoseconds; undefined while nothing waits. */
  #dueAt: bigint | undefined
  #firesAt: bigint | undefined
  #cancel: () => void = () => undefined

  constructor(clock: Clock, act: () => void) {
    this.#clock = clock
    this.#act = act
  }

  set(ms: number): void {
    const dueAt = endOf(this.#clock, ms)
    this.#dueAt = dueAt
    if (this.#firesAt === undefined || dueAt < this.#firesAt) this.#arm(ms, dueAt)
  }

  clear(): void {
    this.#dueAt = undefined
  }

  /** Leaves no timer. */
  close(): void {
    this.clear()
    this.#cancel()
    this.#firesAt = undefined
  }

  #arm(ms: number, firesAt: bigint): void {
    this.#cancel()
    this.#firesAt = firesAt
    this.#cancel = this.#clock.after(ms, () => this.#fire())
  }

  #fire(): void {
    this.#firesAt = undefined
    const dueAt = this.#dueAt
    if (dueAt === undefined) return
    const leftNs = dueAt - this.#clock.mono()
    if (leftNs > 0n) {
      this.#arm(Math.ceil(Number(leftNs) / 1e6), dueAt)
      return
    }
    this.#dueAt = undefined
    this.#act()
  }
}
