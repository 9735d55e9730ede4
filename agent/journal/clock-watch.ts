import type { Clock } from '../../base/clock.ts'
import { PLAUSIBLE_MS } from '../../base/clock.ts'

/** A step back by more than a disciplined clock makes. */
const STEP_BACK_MS = 60_000

/** The times in a journal when it is opened: see {@link soundTimes}. */
export type SoundTimes = { newestMs: number | undefined; vouchedAt: number }

/** The order of events is `seq`; a time that cannot be right is marked, so that no reader relies on it. */
export class ClockWatch {
  readonly #clock: Clock
  #newestMs: number | undefined
  /** The newest time that was given out: the clock may be set back before its event is written. */
  #givenMs: number | undefined
  #vouchedAt: number

  constructor(clock: Clock, { newestMs, vouchedAt }: SoundTimes = { newestMs: undefined, vouchedAt: 0 }) {
    this.#clock = clock
    this.#newestMs = newestMs
    this.#vouchedAt = vouchedAt
  }

  /** The time of the newest unmarked event since the clock was last confirmed. */
  get newestMs(): number | undefined {
    return this.#newestMs
  }

  /** The event that last confirmed the clock; 0 before the first. */
  get vouchedAt(): number {
    return this.#vouchedAt
  }

  /**
   * The clock of events and of the times in their documents. Time gates, the watch for steps and the confirmation of the
   * clock use the raw one.
   */
  get eventClock(): Clock {
    const clock = this.#clock
    return {
      now: () => this.now(),
      mono: clock.mono.bind(clock),
      after: clock.after.bind(clock),
    }
  }

  /**
   * The time of an event that is written now, and of everything in its document: a small step back moves no record
   * before an older one. The raw time while it is suspect.
   */
  now(): number {
    const nowMs = this.#clock.now()
    if (this.#isSuspect(nowMs)) return nowMs
    const givenMs = isFar(this.#givenMs, nowMs) ? nowMs : (this.#givenMs ?? nowMs)
    this.#givenMs = Math.max(nowMs, givenMs, this.#newestMs ?? nowMs)
    return this.#givenMs
  }

  /** True if an event that is written now is marked. */
  get isSuspect(): boolean {
    return this.#isSuspect(this.#clock.now())
  }

  /** For an event that is written now; `isBound`: later ones must not be earlier. */
  marks(isBound: boolean): boolean {
    const nowMs = this.#clock.now()
    const isSuspect = this.#isSuspect(nowMs)
    if (isBound && !isSuspect) this.#newestMs = Math.max(this.#newestMs ?? 0, nowMs)
    return isSuspect
  }

  #isSuspect(nowMs: number): boolean {
    return nowMs < PLAUSIBLE_MS || isFar(this.#newestMs, nowMs)
  }

  /** Called for the event by which the machine or a person confirms the clock: later times in the journal ran ahead. */
  trust(seq: number): void {
    // A clock that has lost its time cannot be confirmed.
    if (this.#clock.now() < PLAUSIBLE_MS) return
    this.#newestMs = undefined
    this.#givenMs = undefined
    this.#vouchedAt = seq
  }
}

/** True for a time on record that the clock has not reached yet. */
export function isFar(recordedMs: number | undefined, nowMs: number): boolean {
  return recordedMs !== undefined && nowMs < recordedMs - STEP_BACK_MS
}
