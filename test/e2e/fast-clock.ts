import type { Clock } from '../../base/clock.ts'
import { afterPatiently } from '../patient-clock.ts'

/** Real time that runs `speed` times as fast: deadlines and probes of seconds pass in a test without waiting for them. */
export class FastClock implements Clock {
  readonly #speed: number
  readonly #startMs = Date.now()
  readonly #startNs = process.hrtime.bigint()

  readonly #after: Clock['after']

  /** `after`: how timers run; patiently unless given. Those of the system keep their order, however busy the machine is. */
  constructor(speed: number, after: Clock['after'] = afterPatiently) {
    this.#speed = speed
    this.#after = after
  }

  now(): number {
    return this.#startMs + Number(this.mono() / 1_000_000n)
  }

  mono(): bigint {
    return BigInt(Math.floor(Number(process.hrtime.bigint() - this.#startNs) * this.#speed))
  }

  after(delayMs: number, act: () => void): () => void {
    return this.#after(delayMs / this.#speed, act)
  }
}
