import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'

/** The element's own clock: runs monotonically once set, unset after power-up (TR-03153-1 §9.5.6). */
export class DeviceClock {
  readonly #host: Clock
  #set: { timeMs: number; at: bigint } | undefined

  constructor(host: Clock) {
    this.#host = host
  }

  isSet(): boolean {
    return this.#set !== undefined
  }

  /** While unset the time stays at `lastTimeMs`, as recorded from a CryptoVision unit. */
  now(lastTimeMs: number): number {
    if (!this.#set) return lastTimeMs
    return this.#set.timeMs + Math.floor(Number(this.#host.mono() - this.#set.at) / 1e6)
  }

  set(timeMs: number): void {
    this.#set = { timeMs, at: this.#host.mono() }
  }

  lose(): void {
    this.#set = undefined
  }

  demand(): void {
    if (!this.#set) throw new DeviceError('time_not_set', 'none', 'the time must be set first', 'ErrorTimeNotSet')
  }
}
