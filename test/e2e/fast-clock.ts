import type { Clock } from '../../drivers/ports/clock.ts'
import { afterPatiently } from '../patient-clock.ts'

/** Real time that runs `speed` times as fast: deadlines and probes of seconds pass in a test without waiting for them. */
export class FastClock implements Clock {
  readonly #speed: number
  readonly #startMs = Date.now()
  readonly #startNs = process.hrtime.bigint()

  constructor(speed: number) {
    this.#speed = speed
  }

  now(): number {
    return this.#startMs + Number(this.mono() / 1_000_000n)
  }

  mono(): bigint {
    return (process.hrtime.bigint() - this.#startNs) * BigInt(this.#speed)
  }

  after(delayMs: number, act: () => void): () => void {
    return afterPatiently(delayMs / this.#speed, act)
  }
}
