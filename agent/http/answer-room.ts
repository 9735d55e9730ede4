import type { ServerResponse } from 'node:http'
import { FiskalError } from '../errors.ts'

/** An answer up to this is one of a usual request. */
const SMALL_BYTES = 64 * 1024
/** Of large answers that a key has asked for and not taken: from there on it gets no more. The last one may be 4 MiB. */
const OF_KEY_BYTES = 8 * 1024 * 1024
/** Of those of all keys: from there on none that has one. */
const OF_ALL_BYTES = 24 * 1024 * 1024
const RETRY_AFTER_SECONDS = 2

/**
 * What was asked for and not taken yet, by the key that asked: pages of operations may have 4 MiB each, and forty of them
 * that one program asked for at once, and did not read, were more than the process may hold. Who has taken what it asked
 * for is not slowed by others.
 */
export class AnswerRoom {
  readonly #stalledMs: number
  readonly #ofKey = new Map<string, number>()
  #ofAll = 0

  /** `stalledMs`: who takes nothing for so long is cut off. */
  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs
  }

  /** Before an answer is made. Throws `rate_limit_exceeded`. */
  admit(keyId: string): void {
    const own = this.#ofKey.get(keyId) ?? 0
    if (own < OF_KEY_BYTES && (own === 0 || this.#ofAll < OF_ALL_BYTES)) return
    const retryAfterSeconds = RETRY_AFTER_SECONDS
    throw new FiskalError(
      'rate_limit_exceeded',
      'Too many large responses are pending for this key; read them first.',
      {},
      { retryAfterSeconds },
    )
  }

  /** Until all of it is given to the system, or its caller is gone. */
  hold(keyId: string, { length }: string | Buffer, res: ServerResponse): void {
    if (length <= SMALL_BYTES || res.closed) return
    this.#add(keyId, length)
    res.setTimeout(this.#stalledMs, () => res.destroy())
    res.once('close', () => this.#add(keyId, -length))
  }

  #add(keyId: string, bytes: number): void {
    this.#ofAll += bytes
    const own = (this.#ofKey.get(keyId) ?? 0) + bytes
    if (own > 0) this.#ofKey.set(keyId, own)
    else this.#ofKey.delete(keyId)
  }
}
