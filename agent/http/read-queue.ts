import { FairQueue } from '../../base/fair-queue.ts'

/**
 * Schedules reads: one portion per iteration of the event loop, round-robin over keys. Otherwise a sale would wait for
 * all reads: sixty streams that all resume far back, or as many receipts of long sales. A key with many reads delays no
 * other.
 */
export class ReadQueue {
  readonly #waiting = new FairQueue<() => void>()
  #isScheduled = false

  /** Calls `read` in a separate iteration of the event loop. Returns a function that cancels it. */
  take(keyId: string, read: () => void): () => void {
    this.#waiting.add(keyId, read)
    this.#schedule()
    return () => this.#waiting.remove(keyId, read)
  }

  /** Resolves in a separate iteration of the event loop. */
  wait(keyId: string): Promise<void> {
    return new Promise((resolve) => this.take(keyId, resolve))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const next = this.#waiting.take()
      if (next === undefined) return
      this.#schedule()
      next()
    })
  }
}
