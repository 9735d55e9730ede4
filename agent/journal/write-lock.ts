import type { Database } from 'better-sqlite3'
import { monoMs, pause } from '../../base/clock.ts'
import type { FiscalEffect, FiskalError } from '../errors.ts'
import type { AwaitedAnswers } from './awaited-answers.ts'
import type { Commands } from './commands.ts'
import type { Holder } from './disk/holders.ts'
import { writersOf } from './disk/holders.ts'
import { heldError, heldOutcomeError, isBusy, isHeld } from './disk/storage-error.ts'
import type { JournalOptions } from './journal-options.ts'

const RETRY_MS = 25
/** A shorter lock is not worth a warning: a checkpoint, a statement of another program. */
const REPORTED_MS = 1000
/** Another process may hold it since the last check. */
const LOOK_MS = 1000
/** How long an intent waits, by default. */
export const HELD_LIMIT_MS = 3000
/** How long a stop waits for a held journal. */
const END_LIMIT_MS = 3000

export type WriteLockOptions = Pick<JournalOptions, 'clock' | 'heldLimitMs' | 'onWaiting'> & {
  database: string
  commands: Commands
  awaited: AwaitedAnswers
  /** Runs BEGIN IMMEDIATE. */
  begin: () => void
  /** Tries to begin a group. */
  retry: () => void
  /** A stop has waited long enough: nothing more is written, and the next start reconciles open intents. */
  giveUp: () => void
}

/**
 * The write lock of the journal, which another program may hold. Then the group is tried again every 25 ms; intents are
 * refused after their limit, outcomes wait. It costs nothing while the journal is free.
 */
export class WriteLock {
  readonly #options: WriteLockOptions
  #sinceMs: number | undefined
  #holders: readonly Holder[] = []
  #lookedMs = 0
  #isReported = false
  #endMs = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  #vouched: (() => void) | undefined

  constructor(options: WriteLockOptions) {
    this.#options = options
  }

  /** True from the first refused try to the next one that succeeds. */
  get isHeld(): boolean {
    return this.#sinceMs !== undefined
  }

  /** The time since the first refused try; undefined while the agent can write. */
  get heldMs(): number | undefined {
    return this.#sinceMs === undefined ? undefined : monoMs(this.#options.clock) - this.#sinceMs
  }

  /** The processes that hold it, once that is reported; undefined while the agent can write. */
  get holders(): readonly Holder[] | undefined {
    return this.#isReported ? this.#holders : undefined
  }

  /** Nothing was written, unless `effect` names another effect. */
  refusal(effect?: FiscalEffect): FiskalError {
    return heldError(this.#holders, effect)
  }

  /** The outcome is not durable yet; undefined while the journal is free. */
  outcomeRefusal(): FiskalError | undefined {
    return this.isHeld ? heldOutcomeError(this.#holders) : undefined
  }

  /** At a start: reports the holder before anything is written. */
  reportHolder(db: Database): void {
    if (!isHeld(db)) return
    const holders = writersOf(this.#options.database)
    if (holders.length === 0) return
    const nowMs = monoMs(this.#options.clock)
    this.#noteHeld(nowMs, holders)
    this.#report(nowMs)
    this.#schedule()
  }

  /** Begins a transaction; false if another program has the lock, and nothing is changed then. */
  take(): boolean {
    try {
      this.#options.begin()
    } catch (error) {
      if (!isBusy(error)) throw error
      this.#noteRefused()
      return false
    }
    if (this.isHeld) this.#noteFree()
    return true
  }

  /** Calls `vouched` if the journal is held before a commit is durable; the latest one only. */
  onceHeld(vouched: () => void): void {
    this.#vouched = vouched
  }

  /** The agent stops: what cannot be written 3 s later is left to the next start. */
  limitWaits(): void {
    const endMs = monoMs(this.#options.clock) + END_LIMIT_MS
    if (endMs < this.#endMs) this.#endMs = endMs
  }

  /** Resolves after the next try. */
  pause(): Promise<void> {
    return pause(this.#options.clock, RETRY_MS)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #noteRefused(): void {
    const nowMs = monoMs(this.#options.clock)
    if (this.#sinceMs === undefined) this.#noteHeld(nowMs, writersOf(this.#options.database))
    else if (nowMs - this.#lookedMs >= LOOK_MS) this.#noteHolders(nowMs, writersOf(this.#options.database))
    this.#options.onWaiting?.()
    this.#report(nowMs, REPORTED_MS)
    this.#refuse(nowMs)
    if (nowMs < this.#endMs) this.#schedule()
    else this.#giveUp()
  }

  #giveUp(): void {
    this.#options.giveUp()
    for (const { reject } of this.#options.commands.takeAll()) reject(heldOutcomeError(this.#holders))
  }

  #noteFree(): void {
    this.#sinceMs = undefined
    this.#isReported = false
  }

  #noteHeld(nowMs: number, holders: readonly Holder[]): void {
    this.#sinceMs = nowMs
    this.#noteHolders(nowMs, holders)
    this.#vouched?.()
    this.#vouched = undefined
  }

  #noteHolders(nowMs: number, holders: readonly Holder[]): void {
    this.#holders = holders
    this.#lookedMs = nowMs
  }

  #report(nowMs: number, afterMs = 0): void {
    if (this.#isReported || nowMs - (this.#sinceMs ?? nowMs) < afterMs) return
    this.#isReported = true
  }

  #refuse(nowMs: number): void {
    const { commands, awaited, heldLimitMs = HELD_LIMIT_MS } = this.#options
    awaited.settleDue(nowMs, heldOutcomeError(this.#holders))
    for (const { reject } of commands.takeOverdue(nowMs, heldLimitMs)) reject(this.refusal())
  }

  #schedule(): void {
    this.#cancel ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancel = undefined
      this.#options.retry()
    })
  }
}
