import type { Clock } from '../base/clock.ts'
import { rfc3339 } from '../base/clock.ts'
import type { Log } from './protocol/log.ts'

const WARNING_MS = 60_000

/** The difference between our clock and a target's, according to its answers. It is reported and decides nothing. */
export class Skew {
  /** The target's clock minus ours; undefined before its first answer. */
  ms: number | undefined
  readonly #clock: Pick<Clock, 'now'>
  readonly #log: Pick<Log, 'warn'>
  readonly #target: string

  constructor(clock: Pick<Clock, 'now'>, log: Pick<Log, 'warn'>, target: string) {
    this.#clock = clock
    this.#log = log
    this.#target = target
  }

  /** `serverMs`: the target's clock in an answer that has just arrived. Warns once while the difference stays large. */
  note(serverMs: number | undefined): void {
    if (serverMs === undefined) return
    const ms = serverMs - this.#clock.now()
    if (Math.abs(ms) > WARNING_MS && Math.abs(this.ms ?? 0) <= WARNING_MS) {
      this.#log.warn({ target: this.#target, ms: Math.round(ms) }, 'our clock differs from that of the target')
    }
    this.ms = ms
  }

  /**
   * A certificate that is not valid yet, or any longer, often means that our clock is wrong. Empty for other errors.
   */
  hint(code: string): string {
    if (code !== 'CERT_HAS_EXPIRED' && code !== 'CERT_NOT_YET_VALID') return ''
    const skew = this.ms === undefined ? 'unknown' : `${Math.round(this.ms / 1000)} s at its last answer`
    return ` (our clock says ${rfc3339(this.#clock.now())}; its difference from the target's is ${skew})`
  }
}
