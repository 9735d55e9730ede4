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

export type UnresolvedOptions = {
  journal: Pick<Journal, 'view'>
  clock: Clock
  /** Called once for each, after one minute. */
  onUnresolved: (outcome: UnresolvedOutcome) => void
  /** Called for each of those when it is resolved. */
  onResolved: (outcome: UnresolvedOutcome) => void
  /** Called when the journal cannot be read. */
  onError: (error: unknown) => void
}

const AFTER_MS = 60_000
const WORDS_BYTES = 256
/** Interval between two checks: the largest delay after the minute. */
const LOOK_MS = 5_000

/**
 * Open intents that a device does not explain, of any law, with the device's message. The journal keeps an act open
 * across a restart; the message is requested again.
 */
export class UnresolvedOutcomes {
  readonly #options: UnresolvedOptions
  readonly #words = new Map<number, { words: string; code: string }>()
  /** When it was first seen open, on the monotonic clock: the wall clock may be set back. */
  readonly #seenMs = new Map<number, number>()
  readonly #reported = new Map<number, UnresolvedOutcome>()
  #cancel: (() => void) | undefined
  #isStopped = false

  constructor(options: UnresolvedOptions) {
    this.#options = options
  }

  /** Checks the acts that a start found open. */
  start(): void {
    this.#check()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  note(intent: number, { code, message, deviceCode }: Unknown): void {
    const own = deviceCode === undefined || message.includes(deviceCode) ? message : `${message} (${deviceCode})`
    this.#words.set(intent, { words: withinBytes(own), code })
    if (this.#cancel === undefined) this.#check()
  }

  /** Older than a minute, the oldest first. */
  all(): UnresolvedOutcome[] {
    return this.#options.journal.view
      .openIntents()
      .map((row) => this.#outcomeOf(row))
      .filter(({ intent, sinceMs }) => this.#ageMs(intent, sinceMs) >= AFTER_MS)
  }

  of(device: string): UnresolvedOutcome[] {
    return this.all().filter((outcome) => outcome.device === device)
  }

  #outcomeOf({ seq, op, device }: IntentRow): UnresolvedOutcome {
    const { view } = this.#options.journal
    const { words, code } = this.#words.get(seq) ?? {}
    const sinceMs = parseRfc3339(view.event(seq)?.at ?? '') ?? this.#options.clock.now()
    return { intent: seq, device, op, act: view.bodyAt(seq).act?.name ?? '', sinceMs, words, code }
  }

  #ageMs(intent: number, sinceMs: number): number {
    const { clock } = this.#options
    const nowMs = monoMs(clock)
    const seenMs = this.#seenMs.get(intent) ?? nowMs
    this.#seenMs.set(intent, seenMs)
    return Math.max(clock.now() - sinceMs, nowMs - seenMs)
  }

  #check(): void {
    this.#cancel = undefined
    if (this.#isStopped) return
    try {
      this.#compare()
    } catch (error) {
      this.#options.onError(error)
    }
  }

  #compare(): void {
    const open = new Set(this.#options.journal.view.openIntents().map(({ seq }) => seq))
    for (const outcome of this.all()) {
      if (!this.#reported.has(outcome.intent)) this.#options.onUnresolved(outcome)
      this.#reported.set(outcome.intent, outcome)
    }
    for (const [intent, outcome] of this.#reported) {
      if (open.has(intent)) continue
      this.#reported.delete(intent)
      this.#options.onResolved(outcome)
    }
    for (const notes of [this.#words, this.#seenMs])
      for (const intent of notes.keys()) if (!open.has(intent)) notes.delete(intent)
    if (open.size > 0) this.#cancel = this.#options.clock.after(LOOK_MS, () => this.#check())
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
