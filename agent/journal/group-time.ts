import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'

/**
 * How long a group may be decided before it is committed, at least: all other work of the event loop, a probe of
 * /healthz above all, waits for a group and its consequences. Never shorter than an fsync takes, which is shared.
 */
const GROUP_NS = 2_000_000n

/** The time of one group after another: for its commands, then for its fsync. */
export class GroupTime {
  readonly #clock: Pick<Clock, 'mono'>
  #limitNs = GROUP_NS
  #untilNs = 0n
  readonly #committing: HeldTime

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock
    this.#committing = new HeldTime(clock)
  }

  begin(): void {
    this.#untilNs = this.#clock.mono() + this.#limitNs
  }

  /** Whether one more command may run in this group. */
  readonly hasTime = (): boolean => this.#clock.mono() < this.#untilNs

  /** COMMIT follows, and in it the fsync. */
  beginCommit(): void {
    this.#committing.begin()
  }

  /** Returns how long the commit took, and how long it held the process. */
  endCommit(): { fsyncSeconds: number; heldMs: number } {
    const { tookNs, heldMs } = this.#committing.end()
    this.#limitNs = tookNs > GROUP_NS ? tookNs : GROUP_NS
    return { fsyncSeconds: Number(tookNs) / 1e9, heldMs }
  }
}

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
