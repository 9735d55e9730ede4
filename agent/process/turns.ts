/**
 * Pieces of work that go on in one turn of the event loop, with a group or without: the answer of one receipt and the act
 * of the next one behind it. A probe of /healthz waits for all of them.
 */
const A_TURN = 2

type Waiting = { act: () => void; takesTurn: boolean }

/**
 * Shares the turns of the event loop out: requests that came together, and what a group of the journal leads to (acts on
 * devices, answers), go on a few pieces a turn, so that a probe or a timer need not wait for all of it. In the order of
 * asking; the next group comes after what the last one led to, and so is as large as it can be.
 */
export class Turns {
  private readonly later: (run: () => void) => void
  private readonly waiting: Waiting[] = []
  private left = A_TURN
  private scheduled = false

  /** `later` runs something after the present turn. */
  constructor(later: (run: () => void) => void) {
    this.later = later
  }

  /** Resolves when a piece of work may go on: at once, where few did in this turn. */
  readonly take = (): Promise<void> => {
    if (this.waiting.length > 0 || this.left === 0) {
      return new Promise((resolve) => this.enqueue({ act: resolve, takesTurn: false }))
    }
    this.left--
    this.schedule()
    return Promise.resolve()
  }

  /** Runs an act that is a turn's work by itself. */
  readonly defer = (act: () => void): void => {
    this.enqueue({ act, takesTurn: true })
  }

  private enqueue(waiting: Waiting): void {
    this.waiting.push(waiting)
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.later(this.run)
  }

  private readonly run = (): void => {
    this.scheduled = false
    this.left = A_TURN
    while (this.left > 0) {
      const next = this.waiting.shift()
      if (next === undefined) break
      this.left = next.takesTurn ? A_TURN : this.left - 1
      // Before the act, which may throw: what waits behind it must go on.
      this.schedule()
      next.act()
    }
  }
}
