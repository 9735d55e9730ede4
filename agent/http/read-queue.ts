/**
 * Schedules reads: one portion per iteration of the event loop, round-robin over keys. Otherwise a sale would wait for
 * all reads: sixty streams that all resume far back, or as many receipts of long sales. A key with many reads delays no
 * other.
 */
export class ReadQueue {
  /** By key, in order of the last read. Within a key in order of arrival. */
  readonly #waiting = new Map<string, Set<() => void>>()
  #isScheduled = false

  /** Calls `read` in a separate iteration of the event loop. Returns a function that cancels it. */
  take(keyId: string, read: () => void): () => void {
    const own = this.#waiting.get(keyId) ?? new Set()
    this.#waiting.set(keyId, own.add(read))
    this.#schedule()
    return () => own.delete(read)
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
      const next = this.#next()
      if (next === undefined) return
      this.#schedule()
      next()
    })
  }

  #next(): (() => void) | undefined {
    for (const [keyId, own] of this.#waiting) {
      const [next] = own
      this.#waiting.delete(keyId)
      if (next === undefined) continue
      own.delete(next)
      // Last: the other keys come first.
      if (own.size > 0) this.#waiting.set(keyId, own)
      return next
    }
    return undefined
  }
}
