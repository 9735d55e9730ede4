/**
 * Makes one list at a time, in portions between which the tills run: twelve at once would all be held in memory half
 * made. At most as long as the number of connections.
 */
export class ListQueue {
  #last: Promise<void> = Promise.resolve()

  /** Calls `serve` after all lists before it. Rejects as `serve` does. */
  run(serve: () => Promise<void>): Promise<void> {
    const served = this.#last.then(serve)
    this.#last = served.catch(() => undefined)
    return served
  }
}
