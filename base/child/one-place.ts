/** A mutex: the others wait, first come, first served. */
export class OnePlace {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  /** Resolves to the function that leaves again. Throws the reason of `signal`, at once also while it waits. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
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

  #waited(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(enter)
    })
  }
}
