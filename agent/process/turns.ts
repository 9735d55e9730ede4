import { TransientMap } from '../../base/transient-map.ts'

/**
 * Pieces of work that run in one turn of the event loop, or after a group in its turn: the answer of one receipt and
 * the act of the next one. A probe of /healthz waits for all of them.
 */
const PIECES_PER_TURN = 3
/** Pieces that may go before a group that waits: about as many as can share its sync. */
const BEFORE_A_GROUP = 64

/**
 * Shares the turns of the event loop out: requests that came together, and the work that a group of the journal leads
 * to (acts on devices, answers), continue a few pieces a turn, so that a probe or a timer need not wait for all of it.
 * In the order of asking, one of each holder (a key, a register) and then round again: two hundred pieces of one till
 * do not keep another one waiting. A group comes when the last waiting piece has gone, and so is as large as it can be:
 * each sync costs as much as a sale.
 */
export class Turns {
  readonly #later: (run: () => void) => void
  /** By holder; the one that was served last comes last. */
  readonly #pieces = new TransientMap<string, (() => void)[]>()
  readonly #groups: (() => void)[] = []
  #left = PIECES_PER_TURN
  /** Pieces that went before the oldest group since it came. */
  #passed = 0
  #scheduled = false

  /** `later` runs a function after the present turn. */
  constructor(later: (run: () => void) => void) {
    this.#later = later
  }

  /** Resolves when a piece of work may continue: at once if few did in this turn. */
  readonly take = (holder: string): Promise<void> => {
    if (this.#pieces.size > 0 || this.#left === 0) {
      return new Promise((resolve) => {
        const waiting = this.#pieces.get(holder)
        if (waiting === undefined) this.#pieces.set(holder, [resolve])
        else waiting.push(resolve)
        this.#schedule()
      })
    }
    this.#left--
    this.#schedule()
    return Promise.resolve()
  }

  /** Runs a group, which takes most of a turn's work. */
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
    this.#left = PIECES_PER_TURN
    const mustCommit = this.#groups.length > 0 && this.#passed >= BEFORE_A_GROUP
    if (this.#pieces.size === 0 || mustCommit) this.#runGroup()
    else this.#runPieces()
  }

  #runGroup(): void {
    const group = this.#groups.shift()
    this.#passed = 0
    if (group === undefined) return
    // Before the group, which may throw: the work that waits after it must continue.
    this.#schedule()
    group()
  }

  #runPieces(): void {
    this.#schedule()
    while (this.#left > 0) {
      const [holder, waiting] = this.#pieces.first() ?? []
      if (holder === undefined || waiting === undefined) return
      const goOn = waiting.shift()
      this.#pieces.delete(holder)
      // After the others, if this round comes to it again.
      if (waiting.length > 0) this.#pieces.set(holder, waiting)
      if (this.#groups.length > 0) this.#passed++
      goOn?.()
      this.#left--
    }
  }
}
