import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Attempt, SenderOptions } from './sender.ts'
import type { PendingStore } from './store.ts'

export type TillOptions = {
  readonly store: PendingStore
  /** The key of the register; the variable FISKAL_EDGE_REGISTER_KEY by default. */
  readonly key?: string | (() => Promise<string>)
  /** FISKAL_EDGE_URL, else http://127.0.0.1:7070. Not "localhost": Node 18 tries ::1 alone. */
  readonly url?: string
  /** Of one attempt: longer than `deadlineMs` of the agent (10,000). */
  readonly answerWithinMs?: number
  /** After it no attempt begins; one that has begun is not cut by it. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  readonly log?: (attempt: Attempt) => void
  /** Such as "acme-till/4.2"; browsers keep their own. */
  readonly userAgent?: string
}

const USUAL_URL = 'http://127.0.0.1:7070'
const ANSWER_WITHIN_MS = 12_000
const TIMEOUT_MS = 15_000

/** Throws TypeError without a key, or for a malformed address. */
export function senderOptionsOf(options: TillOptions): SenderOptions {
  const key = options.key ?? variable('FISKAL_EDGE_REGISTER_KEY')
  if (key === undefined || key === '')
    throw new TypeError('The key of the register is missing: pass key, or set FISKAL_EDGE_REGISTER_KEY')
  const url = new URL(options.url ?? variable('FISKAL_EDGE_URL') ?? USUAL_URL)
  return {
    url: url.href.replace(/\/+$/, ''),
    key: async () => (typeof key === 'function' ? key() : key),
    // A browser's own fetch is called without an object before it.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    clock: options.clock ?? systemClock,
    answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    log: options.log ?? (() => undefined),
    userAgent: options.userAgent,
  }
}

/** A browser has no environment. */
function variable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }
  return process?.env?.[name]
}
