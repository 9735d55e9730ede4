/**
 * Schedules reads: one portion per event-loop turn, round-robin over keys. Otherwise each sale waited for all reads of its
 * turn: sixty streams that all resume far back, or as many receipts of long sales. A key with many reads delays no other.
 */
export class ReadingTurns {
  /** By key; the one that had its turn last is the last. Within it who comes again comes behind the others. */
  readonly #waiting = new Map<string, Set<() => void>>()
  #isScheduled = false

  /** Calls `read` in a turn of its own. Returns the way to give it up. */
  take(keyId: string, read: () => void): () => void {
    const own = this.#waiting.get(keyId) ?? new Set()
    this.#waiting.set(keyId, own.add(read))
    this.#schedule()
    return () => own.delete(read)
  }

  /** Resolves in a turn of its own. */
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
      // Behind the others, where this round comes to it again.
      if (own.size > 0) this.#waiting.set(keyId, own)
      return next
    }
    return undefined
  }
}
