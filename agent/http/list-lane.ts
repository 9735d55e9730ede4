/**
 * Lists are made one after the other, each in portions between which the tills have their turn: twelve at once would all
 * be half made, and held, at the same time. As long as a queue of connections.
 */
export class ListLane {
  #last: Promise<void> = Promise.resolve()

  /** Serves when all lists before it are served. Rejects as `serve` does. */
  run(serve: () => Promise<void>): Promise<void> {
    const served = this.#last.then(serve)
    this.#last = served.catch(() => undefined)
    return served
  }
}
