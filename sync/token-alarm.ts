import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'
import type { Log } from './protocol/log.ts'

const ALARM_MS = 15 * 60_000

/** Warns once about a token that is refused for long: during a replacement a token is refused for a moment too. */
export class TokenAlarm {
  readonly #clock: Clock
  readonly #log: Log
  readonly #target: string
  #sinceMs: number | undefined
  #told = false

  constructor(clock: Clock, log: Log, target: string) {
    this.#clock = clock
    this.#log = log
    this.#target = target
  }

  refused(code: string): void {
    const nowMs = monoMs(this.#clock)
    this.#sinceMs ??= nowMs
    if (this.#told || nowMs - this.#sinceMs <= ALARM_MS) return
    this.#told = true
    const fields = { target: this.#target, code }
    this.#log.error(fields, 'the target has refused our token for more than a quarter of an hour')
  }

  accepted(): void {
    this.#sinceMs = undefined
    this.#told = false
  }
}
