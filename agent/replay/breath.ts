import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'

/** So long after an event of a till the shop counts as selling. */
const SELLING_MS = 1000
/** Many times what a portion of the replay takes: a backlog then leaves with a tenth of the core. */
const REST_MS = 3

/** Lets the tills go first: between portions of the replay others get their turn, and a rest while somebody sells. */
export class ReplayBreath {
  readonly #clock: Clock
  #soldAtNs: bigint | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Within the turn that committed it. */
  sold(): void {
    this.#soldAtNs = this.#clock.mono()
  }

  async breathe(): Promise<void> {
    const selling = this.#soldAtNs !== undefined && this.#clock.mono() - this.#soldAtNs < BigInt(SELLING_MS * 1_000_000)
    if (selling) await pause(this.#clock, REST_MS)
    else await turn()
  }
}
