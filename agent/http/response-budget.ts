import type { ServerResponse } from 'node:http'
import { rateLimited } from '../errors.ts'

/** The answer to a usual request is at most this long. */
const SMALL_BYTES = 64 * 1024
/** A key with this many unread bytes of large answers gets no further one. The last one may add 4 MiB. */
const KEY_BYTES_MAX = 8 * 1024 * 1024
/** From this total of all keys on, a key that has unread answers gets no further one. */
const TOTAL_BYTES_MAX = 24 * 1024 * 1024
const RETRY_AFTER_SECONDS = 2

/**
 * Limits the bytes of large answers that clients have not read yet, per key and in total. A page of operations may have
 * 4 MiB: a program that requests forty at once and reads none would exhaust the memory of the process. A key without
 * unread answers is never refused.
 */
export class ResponseBudget {
  readonly #stalledMs: number
  readonly #ofKey = new Map<string, number>()
  #ofAll = 0

  /** `stalledMs`: a client that reads nothing for so long is disconnected. */
  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs
  }

  /** Before an answer is made, or with its length. Throws `rate_limit_exceeded`. */
  admit(keyId: string, length = Number.POSITIVE_INFINITY): void {
    if (length <= SMALL_BYTES) return
    const own = this.#ofKey.get(keyId) ?? 0
    if (own < KEY_BYTES_MAX && (own === 0 || this.#ofAll < TOTAL_BYTES_MAX)) return
    throw rateLimited('Too many large responses are pending for this key; read them first.', RETRY_AFTER_SECONDS)
  }

  /** Counts an answer until the system has all of it, or the connection closes. */
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
