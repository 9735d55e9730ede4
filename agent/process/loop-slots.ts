import { FairQueue } from '../../base/fair-queue.ts'

/**
 * Pieces of work that run in one iteration of the event loop, or after a group in its iteration: the answer of one
 * receipt and the act of the next one. A probe of /healthz waits for all of them.
 */
const PIECES_PER_ITERATION = 3
/** Pieces that may go before a group that waits: about as many as can share its sync. */
const BEFORE_A_GROUP = 64

/**
 * Slots in the iterations of the event loop. Concurrent requests, and the acts and answers that follow a group of the
 * journal, run a few pieces per iteration: a probe or a timer need not wait for all of them.
 * Pieces run in order of arrival, round-robin over the holders (a key, a register): two hundred pieces of one till do
 * not delay another till. A group runs when no piece waits, and so is as large as possible: each fsync costs as much as
 * a sale.
 */
export class LoopSlots {
  readonly #later: (run: () => void) => void
  readonly #pieces = new FairQueue<() => void>()
  readonly #groups: (() => void)[] = []
  #piecesLeft = PIECES_PER_ITERATION
  /** Pieces that ran before the oldest group since it came. */
  #passed = 0
  #scheduled = false

  /** `later` runs a function after the current iteration. */
  constructor(later: (run: () => void) => void) {
    this.#later = later
  }

  /** True while a piece or a group waits. */
  get isBusy(): boolean {
    return this.#pieces.size > 0 || this.#groups.length > 0
  }

  /** Resolves when a piece of work may continue: at once if few did in this iteration. */
  readonly take = (holder: string): Promise<void> => {
    if (this.#pieces.size > 0 || this.#piecesLeft === 0) {
      return new Promise((resolve) => {
        this.#pieces.add(holder, resolve)
        this.#schedule()
      })
    }
    this.#piecesLeft--
    this.#schedule()
    return Promise.resolve()
  }

  /** Runs a group, which takes most of an iteration. */
  readonly defer = (group: () => void): void => {
    this.#groups.push(group)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#later(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.#piecesLeft = PIECES_PER_ITERATION
    const mustCommit = this.#groups.length > 0 && this.#passed >= BEFORE_A_GROUP
    if (this.#pieces.size === 0 || mustCommit) {
      const group = this.#groups.shift()
      this.#passed = 0
      if (group === undefined) return
      // Before the group, which may throw: the work that waits after it must continue.
      this.#schedule()
      group()
      return
    }
    this.#schedule()
    for (; this.#piecesLeft > 0; this.#piecesLeft--) {
      const resume = this.#pieces.take()
      if (resume === undefined) return
      if (this.#groups.length > 0) this.#passed++
      resume()
    }
  }
}
