import type { Outgoing } from './target.ts'

/** The number of sends of one batch after which the receiver's head replaces the missing acknowledgement. */
const SENDS_MOST = 3

/** The batch with an unknown outcome: the same bytes are sent again. */
export class InFlight {
  #present: Outgoing | undefined
  #sends = 0

  get batch(): Outgoing | undefined {
    return this.#present
  }

  sent(batch: Outgoing): void {
    this.#sends = this.#present === batch ? this.#sends + 1 : 1
    this.#present = batch
  }

  settle(): void {
    this.#present = undefined
  }

  /** True if nothing is on its way, or if a head equal to ours proves that nothing of it is missing there. */
  isThere(headSeq: number): boolean {
    return this.#present === undefined || (this.#sends >= SENDS_MOST && headSeq >= this.#present.last)
  }
}
