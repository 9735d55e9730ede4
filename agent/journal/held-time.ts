import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'

/** How long a piece of work that syncs takes. */
export class HeldTime {
  readonly #clock: Pick<Clock, 'mono'>
  #beganNs = 0n
  #beganHereNs = 0n

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock
  }

  begin(): void {
    this.#beganNs = this.#clock.mono()
    this.#beganHereNs = systemClock.mono()
  }

  /** `heldMs`: at most the time of this machine. By a clock that runs faster each disk would be slow. */
  end(): { tookNs: bigint; heldMs: number } {
    const tookNs = this.#clock.mono() - this.#beganNs
    const hereNs = systemClock.mono() - this.#beganHereNs
    return { tookNs, heldMs: Number(tookNs < hereNs ? tookNs : hereNs) / 1e6 }
  }
}
