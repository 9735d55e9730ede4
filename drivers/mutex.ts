/** Runs steps one after the other, even after a failed one. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Rejects as `step` does. */
  run<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined)
    return done
  }
}
