import type { Clock } from '../../base/clock.ts'
import { FiskalError } from '../errors.ts'

/** Parsed, judged and recorded, a body takes some three times its size of the heap, which has 64 MB. */
const ROOM_BYTES = 8 * 1024 * 1024
/** A sale of some hundred lines. */
export const FIRST_BYTES = 64 * 1024
/** Less than a request may take to be whole. */
const WAIT_MS = 5_000
const RETRY_AFTER_SECONDS = 5

type Waiting = { readonly bytes: number; enter(): void }

/**
 * Room for the large bodies that are at work, by their bytes and not by their number: thirty sales of a thousand long
 * lines that wait for one slow device would be more than the process may hold. They are taken in the order in which
 * they came; meanwhile the rest of a body stays with its sender. Whose key has none at work waits for nobody with one of a
 * usual size: a till whose bodies trickle in, or that floods, keeps no other one from selling.
 */
export class BodyRoom {
  readonly #clock: Pick<Clock, 'after'>
  readonly #waiting = new Set<Waiting>()
  /** Bodies at work, by the key that sent them. */
  readonly #ofKey = new Map<string, number>()
  #free = ROOM_BYTES

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /**
   * Resolves with what gives the room back, which may be called again. Rejects with `rate_limit_exceeded` where others
   * kept it for five seconds, and with the signal's reason where that ends first.
   */
  async take(bytes: number, keyId: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const isFirst = bytes <= FIRST_BYTES && !this.#ofKey.has(keyId)
    if (!isFirst && (this.#waiting.size > 0 || bytes > this.#free)) await this.#turnOf(bytes, signal)
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
    const left = (this.#ofKey.get(keyId) ?? 0) - 1
    if (left > 0) this.#ofKey.set(keyId, left)
    else this.#ofKey.delete(keyId)
  }

  #turnOf(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting)
        cancel()
        signal.removeEventListener('abort', gone)
      }
      const waiting: Waiting = {
        bytes,
        enter: () => {
          leave()
          this.#free -= bytes
          resolve()
        },
      }
      const refuse = (error: unknown): void => {
        leave()
        reject(error)
        this.#admit()
      }
      const gone = (): void => refuse(signal.reason)
      const cancel = this.#clock.after(WAIT_MS, () => refuse(tooManyAtOnce()))
      signal.addEventListener('abort', gone)
      this.#waiting.add(waiting)
    })
  }

  /** Who comes first is first: a larger one is not passed by smaller ones for ever. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      if (waiting.bytes > this.#free) return
      waiting.enter()
    }
  }
}

function tooManyAtOnce(): FiskalError {
  return new FiskalError(
    'rate_limit_exceeded',
    'Too many large requests are at work; nothing of this one was recorded.',
    {},
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  )
}
