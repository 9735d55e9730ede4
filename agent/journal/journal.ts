import { setImmediate as turn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { syncDirectory } from '../durable-file.ts'
import { FiskalError } from '../errors.ts'
import { asError } from '../thrown.ts'
import { announceVersion } from './announced-version.ts'
import { Appender } from './appender.ts'
import type { FoundState } from './books/state-record.ts'
import { chainsFor, findState } from './books/state-record.ts'
import type { Chains } from './chains.ts'
import { JournalKeyError } from './chains.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { Command, Outcome, Priority } from './commands.ts'
import { Commands } from './commands.ts'
import { damageOf } from './damage.ts'
import { openForWriting } from './database.ts'
import { LockLostError } from './disk/lock.ts'
import { isUnreadable, readError, storageError } from './disk/storage-error.ts'
import { tooLargeEvent } from './event-limit.ts'
import type { Members, NewEvent } from './events.ts'
import type { JournalOptions } from './journal-options.ts'
import type { View } from './projections/view.ts'
import { guarded, viewOf } from './projections/view.ts'
import { RollingCheckpoint } from './rolling-checkpoint.ts'
import { Upkeep } from './upkeep.ts'

/**
 * How long a group may be decided before it is committed, at least: whoever else waits for the event loop, a probe of
 * /healthz above all, waits for a group and what follows from it. Never shorter than a sync takes, which is shared.
 */
const TURN_NS = 2_000_000n

/** What a commit appends. `appended` is told inside the group: what it asks to commit can share the sync. */
export type Decision<T> = { events: readonly NewEvent[]; result: T; appended?: (() => void) | undefined }
/** Decides, inside the transaction and with its view, what to append; throws to append nothing. Synchronous. */
export type Decide<T> = (view: View, nextSeq: number) => Decision<T>

/**
 * The append-only, hash-chained record of everything, and the only writer of the only database. All commands of one
 * turn of the event loop share a synced transaction (group commit). What `commit` resolved survives a power cut.
 */
export class Journal {
  readonly view: View
  readonly #db: Database.Database
  readonly #options: JournalOptions
  readonly #appender: Appender
  readonly #beginGroup: Database.Statement
  readonly #commitGroup: Database.Statement
  readonly #commands = new Commands()
  readonly #upkeep: Upkeep
  readonly #rolling: RollingCheckpoint
  readonly #listeners = new Set<(seq: number, events: readonly NewEvent[]) => void>()
  /** Of the group that is being written. */
  #groupRefusal: { refusal: FiskalError | undefined } | undefined
  #draining = false
  #inGroup = false
  #turnNs = TURN_NS
  #failed: Error | undefined
  /** Settles when the files of a journal that stood down are where they belong. */
  #saving: Promise<void> | undefined
  /** Why the group that is being written cannot be: a read of its own failed, or the projections could not be written. */
  #broken: Error | undefined
  #stopped = false
  #difference: string | undefined

  private constructor(db: Database.Database, found: FoundState, options: JournalOptions) {
    this.#db = db
    this.#options = options
    this.#beginGroup = db.prepare('BEGIN IMMEDIATE')
    this.#commitGroup = db.prepare('COMMIT')
    const onDifference = (what: string): void => this.#differs(what)
    this.#appender = new Appender(db, found, { ...options, onDifference })
    const { cache, projections, state } = this.#appender
    const project = (): void => this.#project()
    this.view = guarded(viewOf({ db, cache, projections, state, onDifference, settle: project }), this.#readable)
    const isResting = (): boolean => !this.#draining && this.#isWritten()
    const { clock } = options
    this.#upkeep = new Upkeep({ clock, db, project, isResting })
    const isUnsigned = (): boolean => this.#appender.isUnsigned
    this.#rolling = new RollingCheckpoint({ clock, isResting, isUnsigned, sign: () => this.#signAside() })
  }

  /**
   * Opens, migrates, verifies the tail, and signs it where it is not. Throws JournalVersionError, JournalDamagedError,
   * JournalUnsafeError, JournalUnsignedError, JournalKeyError, JournalMovedError.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const db = openForWriting(options.directory, options.fault, options.renewal !== undefined)
    const found = await foundState(db, options.onReading)
    if (found.why !== undefined) options.onRecomputed?.(found.why)
    const journal = new Journal(db, found, options)
    journal.#appender.compareTables()
    const isNew = journal.headSeq === 0
    if (isNew) await journal.beginEpoch({})
    else if (options.renewal !== undefined) await journal.beginEpoch(options.renewal)
    else if (journal.#appender.chain.publicKey !== options.signer.publicKey) {
      journal.#db.close()
      throw new JournalKeyError()
    } else await journal.#enqueue('outcome', () => ({ result: journal.#appender.signFound() }))
    journal.#appender.projections.learn()
    try {
      // SQLite does not mind when the names of its new files are not synced: the answered commits are in one of them.
      await syncDirectory(options.directory)
      // Behind its first event, without which it would count as lost.
      if (isNew) announceVersion(options.directory)
    } catch (error) {
      journal.#db.close()
      throw error
    }
    return journal
  }

  /** Sequence number of the newest durable event. */
  get headSeq(): number {
    return this.#appender.head.seq
  }

  /** Hash of the newest durable event. */
  get headHash(): Uint8Array {
    return this.#appender.head.hash
  }

  /** What it has of the clock that gives its events their times. */
  get clockWatch(): Pick<ClockWatch, 'newestMs' | 'vouchedAt'> {
    return this.#appender.clockWatch
  }

  /** A row in which a table said otherwise than the events, since the start. */
  get difference(): string | undefined {
    return this.#difference
  }

  /** Id of the chain that grows. */
  get chain(): string {
    return this.#appender.chain.chainId
  }

  get epoch(): number {
    return this.#appender.chain.epoch
  }

  /** All chains of the journal, the one that grows last. */
  get chains(): Chains {
    return this.#appender.chains
  }

  /**
   * Ends the chain at its head and begins one of the next epoch (W-1), in one synced transaction; `note` tells why.
   * `above`: an epoch that is taken already. Rejects as {@link commit} does.
   */
  beginEpoch(note: Members, above = 0): Promise<void> {
    return this.#enqueue('outcome', () => ({ result: this.#appender.beginEpoch(note, above) }))
  }

  /** Calls `listener` with the head and the new events after every group that appended something. Returns its removal. */
  onAppend(listener: (seq: number, events: readonly NewEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Decides and appends in one synced transaction with everything else of this turn. Rejects with what `decide` threw
   * (nothing appended), or FiskalError `storage_unavailable` / `shutting_down`.
   */
  commit<T>(priority: Priority, decide: Decide<T>): Promise<T> {
    return this.#enqueue(priority, () => this.#decided(priority, decide))
  }

  /** Appends what happened, decided as in {@link commit}: nobody waits for more than that it is durable. */
  record(decide: (view: View) => readonly NewEvent[]): Promise<void> {
    return this.commit('outcome', (view) => ({ events: decide(view), result: undefined }))
  }

  /** Runs statements on the journal's own side tables (device memory) in the next group. */
  write(run: (db: Database.Database) => void): Promise<void> {
    return this.#enqueue('outcome', () => ({ result: run(this.#db) }))
  }

  /**
   * Takes nothing more, brings all that was answered into the one open file, has it saved, and fails: what is not
   * concluded is settled by the next start.
   */
  standDown(why: Error, save: () => Promise<void>): Promise<void> {
    if (this.#failed !== undefined || this.#db.open === false) return this.#saving ?? Promise.resolve()
    this.#giveUp(why, [])
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // A full disk, like a reader, holds it up: then the log is saved as well.
    }
    // Never closed: that would delete a log by its name, which is the saved one's.
    this.#saving = save().then(() => this.#options.onFatal(why))
    return this.#saving
  }

  /** False once another process writes to the directory: this one then fails at once, and leaves all files as they are. */
  isSole(): boolean {
    const sole = this.#options.isSole?.() !== false
    if (sole || this.#failed !== undefined) return sole
    const error = new LockLostError(this.#options.directory)
    // Never closed: that could delete a log by its name, which is the other one's.
    this.#giveUp(error, [])
    this.#options.onFatal(error)
    return false
  }

  /** Resolves when an empty commit is durable; while files are saved the process must live. Rejects as {@link commit}. */
  vouch(): Promise<void> {
    return this.#saving === undefined ? this.write(() => undefined) : Promise.resolve()
  }

  /** Reads on the journal's own connection, between two groups: sees only what is durable. */
  read<T>(select: (db: Database.Database) => T): T {
    return this.#readable(select)(this.#db)
  }

  /** Finishes what is queued, signs a last checkpoint and closes. Later commits are refused as `shutting_down`. */
  async close(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    await this.#saving
    while (this.#draining && this.#failed === undefined)
      await new Promise<void>((resolve) => this.#options.defer(resolve))
    this.#upkeep.stop()
    this.#rolling.stop()
    if (this.#failed !== undefined) return
    try {
      this.#db.transaction(() => this.#appender.end()).immediate()
      this.#options.fault('journal.before-checkpoint')
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
      this.#options.fault('journal.after-checkpoint')
    } finally {
      this.#db.close()
    }
  }

  /** A disk that fails a read refuses what asked for it; inside a group SQLite has rolled all back, or lets nothing be written. */
  readonly #readable =
    <Args extends readonly unknown[], T>(read: (...args: Args) => T) =>
    (...args: Args): T => {
      if (this.#failed !== undefined) throw storageError()
      // What still runs when everything is closed.
      if (this.#stopped && !this.#db.open) throw shuttingDown()
      try {
        return read(...args)
      } catch (error) {
        if (!isUnreadable(error)) throw error
        this.#options.onUnreadable?.(error)
        if (this.#inGroup) this.#broken = error
        throw readError()
      }
    }

  #enqueue<T>(priority: Priority, run: () => Outcome<T>): Promise<T> {
    if (this.#failed !== undefined) return Promise.reject(storageError())
    if (this.#stopped) return Promise.reject(shuttingDown())
    const done = this.#commands.add(priority, run)
    if (!this.#draining) {
      this.#draining = true
      this.#options.defer(this.#drainNow)
    }
    return done
  }

  /** Asked once for a group: the commands of one turn find the same disk. */
  #refusalOfGroup(): FiskalError | undefined {
    this.#groupRefusal ??= { refusal: this.#options.refusal() }
    return this.#groupRefusal.refusal
  }

  /** Inside the group: decides and appends. What it throws is fatal. */
  #decided<T>(priority: Priority, decide: Decide<T>): Outcome<T> {
    const closed = priority === 'intent' ? this.#refusalOfGroup() : undefined
    if (closed !== undefined) return { refusal: closed }
    let decision: Decision<T>
    let texts: readonly string[]
    try {
      decision = decide(this.view, this.headSeq + 1)
      // Written as text before anything is inserted: a value that JSON cannot hold refuses one request, not the journal.
      texts = this.#appender.textsOf(decision.events)
    } catch (error) {
      if (this.#broken !== undefined) throw this.#broken
      return { refusal: asError(error) }
    }
    const misfit =
      (priority === 'intent' ? tooLargeEvent(decision.events, texts) : undefined) ??
      this.#appender.append(decision.events, texts)
    if (misfit !== undefined) return { refusal: misfit }
    decision.appended?.()
    return { result: decision.result }
  }

  readonly #drainNow = (): void => {
    if (this.#failed !== undefined || !this.isSole()) return
    const group: Command[] = []
    const before = this.#appender.head
    this.#appender.begin()
    this.#groupRefusal = undefined
    let began = 0n
    try {
      this.#options.fault('journal.before-commit')
      this.#beginGroup.run()
      this.#inGroup = true
      const until = this.#options.clock.mono() + this.#turnNs
      this.#commands.runGroup(group, () => this.#options.clock.mono() < until)
      if (this.#broken !== undefined) throw this.#broken
      this.#appender.conclude()
      began = this.#options.clock.mono()
      this.#commitGroup.run()
      this.#options.fault('journal.after-commit')
    } catch (error) {
      // The commit may or may not be on disk: nothing in memory is worth anything now (the next start re-reads).
      this.#appender.forget(before)
      this.#fail(asError(error), group)
      return
    } finally {
      this.#inGroup = false
    }
    const syncNs = this.#options.clock.mono() - began
    this.#turnNs = syncNs > TURN_NS ? syncNs : TURN_NS
    // All in this turn: an act that stands in the journal must be known to be under way before anybody else looks.
    for (const command of group) command.settle()
    this.#options.onCommit?.(Number(syncNs) / 1e9, group.length, this.#appender.appended)
    if (this.headSeq !== before.seq)
      for (const listener of this.#listeners) listener(this.headSeq, this.#appender.appended)
    if (this.#commands.count > 0) this.#options.defer(this.#drainNow)
    else this.#draining = false
    this.#upkeep.noteGroup()
    this.#rolling.noteGroup()
  }

  #isWritten(): boolean {
    return this.#failed === undefined && this.#db.open
  }

  async #signAside(): Promise<void> {
    const store = await this.#appender.signAside()
    if (this.#isWritten()) await this.#enqueue('outcome', () => ({ result: store() }))
  }

  #differs(what: string): void {
    if (this.#difference === what) return
    this.#difference = what
    this.#options.onDifference?.(what)
  }

  /** Brings the projection tables to the head; outside a group in a transaction of its own. */
  #project(): void {
    const { projections } = this.#appender
    if (projections.unwritten === 0) return
    const alone = !this.#inGroup
    try {
      if (alone) this.#beginGroup.run()
      projections.write()
      if (alone) this.#commitGroup.run()
    } catch (error) {
      this.#broken = asError(error)
      if (alone) this.#fail(this.#broken, [])
      throw storageError()
    }
  }

  #giveUp(error: Error, group: readonly Command[]): void {
    this.#failed = error
    this.#draining = false
    for (const command of [...group, ...this.#commands.takeAll()]) command.reject(storageError())
  }

  #fail(error: Error, group: readonly Command[]): void {
    this.#giveUp(error, group)
    try {
      this.#db.close()
    } catch {
      // The handle is given up either way; the reason is in `error`.
    }
    this.#options.onFatal(error)
  }
}

/** Of a journal without a usable state record it takes 9 µs an event: the event loop gets its turn in between. */
async function foundState(db: Database.Database, onReading: JournalOptions['onReading']): Promise<FoundState> {
  try {
    const steps = findState(db, chainsFor(db))
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value
      onReading?.()
      await turn()
    }
  } catch (error) {
    db.close()
    throw damageOf(error, 1)
  }
}

function shuttingDown(): FiskalError {
  return new FiskalError('shutting_down', 'The agent is stopping.', {}, { retryAfterSeconds: 5 })
}
