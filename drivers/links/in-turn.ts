/**
 * Opens and closes a line one after the other: what was asked for while it is being opened is neither forgotten, so that it
 * stays open for nobody, nor begun beside it, where this process itself would hold the lock.
 */
export class InTurn {
  #last: Promise<void> = Promise.resolve()

  run(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined)
    return done
  }
}
