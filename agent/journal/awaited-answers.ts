/** An answer that waits for the journal; `late` settles it without a further commit. */
type Awaited = { readonly dueMs: number; readonly late: () => void; readonly reject: (error: Error) => void }

/**
 * The answers that wait for something to be durable. Their deadline is looked at only while the journal is held or its
 * disk is slow: one more answer costs an entry here, and no timer.
 */
export class AwaitedAnswers {
  readonly #waiting = new Set<Awaited>()
  #begun = 0

  /** Answers that began to wait, ever. */
  get begun(): number {
    return this.#begun
  }

  /** The answer, or that of `late` if it is still open when {@link settleDue} is called at or after `dueMs`. */
  inTime<T>(answer: Promise<T>, dueMs: number, late: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        try {
          resolve(late())
        } catch (error) {
          reject(error as Error)
        }
      }
      const waiting = { dueMs, late: settle, reject }
      this.#begun++
      this.#waiting.add(waiting)
      void answer.then(resolve, reject).then(() => this.#waiting.delete(waiting))
    })
  }

  /** Settles those whose deadline has passed: with `error`, else with their own late answer. */
  settleDue(nowMs: number, error?: Error): void {
    for (const waiting of this.#waiting) {
      if (nowMs < waiting.dueMs) continue
      this.#waiting.delete(waiting)
      if (error === undefined) waiting.late()
      else waiting.reject(error)
    }
  }
}
