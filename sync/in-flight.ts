import type { Outgoing } from './target.ts'

/** The sends of one batch after which the receiver's head is taken for the acknowledgement that it never gives. */
const PATIENCE = 3

/** The batch whose fate is not known: the same bytes go again. */
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

  /** True where a head that is our own proves that nothing of it is missing there, or nothing is on its way. */
  isThere(headSeq: number): boolean {
    return this.#present === undefined || (this.#sends >= PATIENCE && headSeq >= this.#present.last)
  }
}
