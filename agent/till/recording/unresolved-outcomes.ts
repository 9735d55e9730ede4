import type { Clock } from '../../../base/clock.ts'
import { monoMs, parseRfc3339 } from '../../../base/clock.ts'
import type { Journal } from '../../journal/journal.ts'
import type { IntentRow } from '../../journal/projections/view.ts'
import type { Unknown } from '../../laws/law.ts'

/** An act whose outcome has been unknown for longer than a device needs to report it. */
export type UnresolvedOutcome = {
  intent: number
  device: string
  /** Empty for the end of a transaction that no document waits for. */
  op: string
  act: string
  sinceMs: number
  /** The device's last message; undefined if it was not asked since the start. */
  words: string | undefined
  code: string | undefined
}

export type UnresolvedOptions = { journal: Pick<Journal, 'view'>; clock: Clock }

const AFTER_MS = 60_000
const WORDS_BYTES = 256

/**
 * Open intents that a device does not explain, of any law, with the device's message. The journal keeps an act open
 * across a restart; the message is requested again.
 */
export class UnresolvedOutcomes {
  readonly #options: UnresolvedOptions
  readonly #words = new Map<number, { words: string; code: string }>()
  /** When it was first seen open, on the monotonic clock: the wall clock may be set back. */
  readonly #seenMs = new Map<number, number>()

  constructor(options: UnresolvedOptions) {
    this.#options = options
  }

  note(intent: number, { code, message, deviceCode }: Unknown): void {
    const own = deviceCode === undefined || message.includes(deviceCode) ? message : `${message} (${deviceCode})`
    this.#words.set(intent, { words: withinBytes(own), code })
    this.#seen(intent)
  }

  /** Older than a minute, the oldest first. */
  all(): UnresolvedOutcome[] {
    return this.#longOpen(this.#openIntents())
  }

  of(device: string): UnresolvedOutcome[] {
    return this.#longOpen(this.#openIntents().filter((row) => row.device === device))
  }

  /** Forgets what is noted about the others. */
  #openIntents(): IntentRow[] {
    const open = this.#options.journal.view.openIntents()
    if (this.#seenMs.size === 0) return open
    const intents = new Set(open.map(({ seq }) => seq))
    for (const notes of [this.#words, this.#seenMs])
      for (const intent of notes.keys()) if (!intents.has(intent)) notes.delete(intent)
    return open
  }

  #longOpen(rows: readonly IntentRow[]): UnresolvedOutcome[] {
    return rows
      .map((row) => this.#outcomeOf(row))
      .filter(({ intent, sinceMs }) => this.#ageMs(intent, sinceMs) >= AFTER_MS)
  }

  #outcomeOf({ seq, op, device }: IntentRow): UnresolvedOutcome {
    const { view } = this.#options.journal
    const { words, code } = this.#words.get(seq) ?? {}
    const sinceMs = parseRfc3339(view.event(seq)?.at ?? '') ?? this.#options.clock.now()
    return { intent: seq, device, op, act: view.bodyAt(seq).act?.name ?? '', sinceMs, words, code }
  }

  #ageMs(intent: number, sinceMs: number): number {
    const { clock } = this.#options
    return Math.max(clock.now() - sinceMs, monoMs(clock) - this.#seen(intent))
  }

  #seen(intent: number): number {
    const seenMs = this.#seenMs.get(intent) ?? monoMs(this.#options.clock)
    this.#seenMs.set(intent, seenMs)
    return seenMs
  }
}

function withinBytes(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.length <= WORDS_BYTES
    ? text
    : bytes
        .subarray(0, WORDS_BYTES)
        .toString()
        .replace(/\uFFFD+$/, '')
}
