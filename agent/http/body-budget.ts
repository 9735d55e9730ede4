import type { Clock } from '../../base/clock.ts'
import { waitUntil } from '../../base/clock.ts'
import { rateLimited } from '../errors.ts'

/** While it is parsed and recorded, a body takes about three times its size of the heap, which has 64 MB. */
const BUDGET_BYTES = 8 * 1024 * 1024
/** A sale of some hundred lines. */
export const FIRST_BYTES = 64 * 1024
/** Shorter than the timeout of a request. */
const WAIT_MS = 5_000
const RETRY_AFTER_SECONDS = 5
const EXHAUSTED = 'Too many large requests are in progress; nothing of this one was recorded.'

type Waiting = { readonly bytes: number; enter(): void }

/**
 * Limits the bytes of large bodies that are being processed: thirty sales of a thousand long lines that wait for one
 * slow device would exhaust the memory of the process. Bodies wait in order of arrival, and a sender keeps the rest of
 * its body until then. A key without a body in progress does not wait for one of a usual size, so a till that sends
 * slowly or floods does not stop another one from selling.
 */
export class BodyBudget {
  readonly #clock: Pick<Clock, 'after'>
  readonly #waiting = new Set<Waiting>()
  /** Bodies in progress, by the key that sent them. */
  readonly #ofKey = new Map<string, number>()
  #free = BUDGET_BYTES

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /**
   * Resolves with a function that returns the bytes; it may be called again. Rejects with `rate_limit_exceeded` if the
   * budget stays exhausted for five seconds, and with the signal's reason if that aborts first.
   */
  async take(bytes: number, keyId: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const isFirst = bytes <= FIRST_BYTES && !this.#ofKey.has(keyId)
    if (!isFirst && (this.#waiting.size > 0 || bytes > this.#free)) await this.#queue(bytes, signal)
    else this.#free -= bytes
    this.#ofKey.set(keyId, (this.#ofKey.get(keyId) ?? 0) + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#free += bytes
      this.#leave(keyId)
      this.#admit()
    }
  }

  #leave(keyId: string): void {
    const remaining = (this.#ofKey.get(keyId) ?? 0) - 1
    if (remaining > 0) this.#ofKey.set(keyId, remaining)
    else this.#ofKey.delete(keyId)
  }

  async #queue(bytes: number, signal: AbortSignal): Promise<void> {
    let isIn = false
    const begin = (end: () => void) => {
      const enter = (): void => {
        isIn = true
        this.#free -= bytes
        end()
      }
      const waiting = { bytes, enter }
      this.#waiting.add(waiting)
      return () => void this.#waiting.delete(waiting)
    }
    await waitUntil(this.#clock, WAIT_MS, begin, signal)
    if (isIn) return
    this.#admit()
    signal.throwIfAborted()
    throw rateLimited(EXHAUSTED, RETRY_AFTER_SECONDS)
  }

  /** First come, first served: smaller bodies do not overtake a larger one. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      if (waiting.bytes > this.#free) return
      waiting.enter()
    }
  }
}
