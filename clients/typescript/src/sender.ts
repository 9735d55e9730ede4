import { pause } from './clock.ts'
import type { ErrorDto } from './contract.ts'
import type { Line, Request } from './exchange.ts'
import { exchange } from './exchange.ts'
import type { Meaning } from './meaning.ts'
import { meaningOf } from './meaning.ts'

/** For a log: neither bodies nor the register's key. */
export type Attempt = {
  readonly method: string
  readonly path: string
  readonly key?: string
  /** From 1. */
  readonly number: number
  readonly ms: number
  readonly status?: number
  readonly code?: string
  readonly requestId?: string
  /** A failure of the till's own: its store, or the function that gives its key. */
  readonly failure?: string
}

export type Sent =
  | Exclude<Meaning, { kind: 'again' }>
  | { readonly kind: 'ask_again'; readonly error?: ErrorDto; readonly retryAfterMs: number }

/** The memory of a request between its sends. */
export type Past = {
  /** An attempt had no answer, or one with an unknown effect. */
  isUnknown: boolean
  /** The newest `Retry-After`, by the clock of the sender: no attempt begins before it, in a later send either. */
  notBeforeMs: number
}

export type SenderOptions = Line & {
  readonly timeoutMs: number
  readonly log: (attempt: Attempt) => void
}

const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000] as const
const BACKOFF_MOST_MS = 5000

/** Sends a request until it is answered, or until its time is over. */
export class Sender {
  readonly #options: SenderOptions

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** After `timeoutMs` no attempt begins; one that has begun is not cut by it. */
  async send(request: Request, past: Past = newPast(), signal?: AbortSignal): Promise<Sent> {
    const { clock, timeoutMs } = this.#options
    const endMs = clock.now() + timeoutMs
    let error: ErrorDto | undefined
    let ownBackoffEndMs = 0
    for (let number = 1; ; number++) {
      const waitMs = Math.max(ownBackoffEndMs, past.notBeforeMs) - clock.now()
      if (clock.now() + Math.max(waitMs, 0) > endMs)
        return { kind: 'ask_again', ...(error && { error }), retryAfterMs: Math.max(Math.ceil(waitMs), 0) }
      if (waitMs > 0) await pause(clock, waitMs, signal)
      const meaning = await this.#attempt(request, number)
      signal?.throwIfAborted()
      if (meaning.kind === 'barred' && past.isUnknown)
        return { kind: 'ask_again', error: meaning.error, retryAfterMs: BACKOFF_MOST_MS }
      if (meaning.kind !== 'again') return meaning
      past.isUnknown ||= meaning.isUnknown
      error = meaning.error
      // Jitter is on the own delay alone.
      ownBackoffEndMs = clock.now() + Math.random() * (BACKOFF_MS[number - 1] ?? BACKOFF_MOST_MS)
      past.notBeforeMs = clock.now() + meaning.retryAfterMs
    }
  }

  async #attempt(request: Request, number: number): Promise<Meaning> {
    const { clock, log } = this.#options
    const { method, path, key } = request
    const startMs = clock.now()
    const about = { method, path, ...(key !== undefined && { key }), number }
    let secret: string
    try {
      secret = await this.#options.key()
    } catch (failure) {
      log({ ...about, ms: clock.now() - startMs, failure: `the key of the register: ${String(failure)}` })
      return { kind: 'again', isUnknown: false, retryAfterMs: 0 }
    }
    const reply = await exchange(this.#options, request, secret)
    const meaning = meaningOf(reply)
    const error = 'error' in meaning ? meaning.error : undefined
    log({
      ...about,
      ms: clock.now() - startMs,
      ...(reply && { status: reply.status }),
      ...(error && { code: error.code, requestId: error.request_id }),
    })
    return meaning
  }
}

export function newPast(): Past {
  return { isUnknown: false, notBeforeMs: 0 }
}
