/** Runs one work at a time, in the order of arrival; a failed work does not stop the next one. */
export class Mutex {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Works that wait for the running one. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Rejects as `work` does. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const leave = await this.enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Resolves when all works that came before have settled. */
  settled(): Promise<void> {
    return this.run(() => undefined)
  }

  /** Resolves to the function that begins the next work. Throws the reason of `signal`, at once also while it waits. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#isTaken) await this.#waited(signal)
    this.#isTaken = true
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      const next = this.#waiting.shift()
      if (next === undefined) this.#isTaken = false
      else next()
    }
  }

  #waited(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(enter)
    })
  }
}
