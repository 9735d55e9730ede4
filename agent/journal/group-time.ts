import type { Clock } from '../../base/clock.ts'

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
  #committingNs = 0n

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock
  }

  begin(): void {
    this.#untilNs = this.#clock.mono() + this.#limitNs
  }

  /** Whether one more command may run in this group. */
  readonly hasTime = (): boolean => this.#clock.mono() < this.#untilNs

  /** COMMIT follows, and in it the fsync. */
  beginCommit(): void {
    this.#committingNs = this.#clock.mono()
  }

  /** Returns how long the commit took. */
  endCommit(): { fsyncSeconds: number } {
    const fsyncNs = this.#clock.mono() - this.#committingNs
    this.#limitNs = fsyncNs > GROUP_NS ? fsyncNs : GROUP_NS
    return { fsyncSeconds: Number(fsyncNs) / 1e9 }
  }
}
