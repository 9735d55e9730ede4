import { setImmediate as nextIteration } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'

/** Time after an event of a till during which the shop counts as selling. */
const SELLING_MS = 1000
/** Many times the duration of a portion: a backlog then takes a tenth of the core. */
const REST_MS = 3

/** Yields to the tills: the event loop runs between portions of the sync, with a pause while a till sells. */
export class TillPriority {
  readonly #clock: Clock
  #soldAtNs: bigint | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Called in the iteration of the event loop that committed it. */
  sold(): void {
    this.#soldAtNs = this.#clock.mono()
  }

  async yieldToTills(): Promise<void> {
    const selling = this.#soldAtNs !== undefined && this.#clock.mono() - this.#soldAtNs < BigInt(SELLING_MS * 1_000_000)
    if (selling) await pause(this.#clock, REST_MS)
    else await nextIteration()
  }
}
