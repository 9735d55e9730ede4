import type { Clock } from '../../base/clock.ts'

/** Due time of the next self-test: at once after a power-up, then by the interval of the unit. */
export class SelfTestTimer {
  readonly #clock: Clock
  readonly #intervalMs: number
  #passedAt: bigint | undefined

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock
    this.#intervalMs = intervalMs
  }

  passed(): void {
    this.#passedAt = this.#clock.mono()
  }

  forget(): void {
    this.#passedAt = undefined
  }

  /** 0 = due. */
  dueInMs(): number {
    if (this.#passedAt === undefined) return 0
    const agoMs = Number(this.#clock.mono() - this.#passedAt) / 1e6
    return Math.max(0, Math.ceil(this.#intervalMs - agoMs))
  }
}
