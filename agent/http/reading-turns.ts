/**
 * Who reads a long journal beside the tills, one portion a turn of the event loop, whoever wants it: of sixty streams that
 * all resume far back, or twelve lists that were asked for at once, each sale waited for all that were in its turn.
 */
export class ReadingTurns {
  /** The next one first; who comes again comes behind the others. */
  readonly #waiting = new Set<() => void>()
  #isScheduled = false

  /** Calls `read` in a turn of its own. Returns the way to give it up. */
  take(read: () => void): () => void {
    this.#waiting.add(read)
    this.#schedule()
    return () => this.#waiting.delete(read)
  }

  /** Resolves in a turn of its own. */
  readonly wait = (): Promise<void> => new Promise((resolve) => this.take(resolve))

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const [next] = this.#waiting
      if (next === undefined) return
      this.#waiting.delete(next)
      this.#schedule()
      next()
    })
  }
}
