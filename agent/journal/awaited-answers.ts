import { withEnd } from '../../base/lifetime.ts'
import { TransientMap } from '../../base/transient-map.ts'

/** An answer that waits for the journal; `late` settles it without a further commit. */
type Awaited = { readonly dueMs: number; readonly late: () => void; readonly reject: (error: Error) => void }

/**
 * The answers that wait for something to be durable. Their deadline is looked at only while the journal is held or its
 * disk is slow: one more answer costs an entry here, and no timer. In a Set 13 KB of each sale became old (measured).
 */
export class AwaitedAnswers {
  readonly #waiting = new TransientMap<number, Awaited>()
  #total = 0

  /** Answers that began to wait, ever. */
  get total(): number {
    return this.#total
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
      const place = ++this.#total
      this.#waiting.set(place, { dueMs, late: settle, reject })
      withEnd(
        () => answer,
        () => void this.#waiting.delete(place),
      ).then(resolve, reject)
    })
  }

  /** Settles those whose deadline has passed: with `error`, else with their own late answer. */
  settleDue(nowMs: number, error?: Error): void {
    const due = [...this.#waiting.entries()].filter(([, { dueMs }]) => dueMs <= nowMs)
    for (const [place, waiting] of due) {
      this.#waiting.delete(place)
      if (error === undefined) waiting.late()
      else waiting.reject(error)
    }
  }
}
