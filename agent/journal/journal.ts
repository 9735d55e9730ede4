import type Database from 'better-sqlite3'
import { syncDirectory } from '../../base/durable-file.ts'
import { once } from '../../base/once.ts'
import { asError } from '../../base/thrown.ts'
import { FiskalError } from '../errors.ts'
import { announceVersion } from './announced-version.ts'
import { Appender } from './appender.ts'
import { BetweenGroups } from './between-groups.ts'
import type { StateAtHead } from './books/state-record.ts'
import { findStateInSlices } from './books/state-record.ts'
import type { Chains } from './chains.ts'
import { journalKeyWrong } from './chains.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { Command, Outcome, Priority } from './commands.ts'
import { Commands } from './commands.ts'
import { damageOf } from './damage.ts'
import { announcedBy, openForWriting } from './database.ts'
import type { Decide } from './decision.ts'
import { Decider } from './decision.ts'
import { lockLost } from './disk/lock.ts'
import { heldOr, isBusy, isUnreadable, JournalReadError, shuttingDown, storageError } from './disk/storage-error.ts'
import type { EpochCause } from './event-facts.ts'
import type { NewEvent } from './events.ts'
import { GroupTime } from './group-time.ts'
import { journalPath } from './journal-file.ts'
import type { JournalOptions } from './journal-options.ts'
import type { Happening, JournalState } from './journal-state.ts'
import { isOpen, OPENED, savedIn, stateAfter, unwritableIn } from './journal-state.ts'
import { LaterWork } from './later-work.ts'
import { programCompanion } from './program-companion.ts'
import { TableDifferences } from './projections/table-differences.ts'
import type { View } from './projections/view.ts'
import { guarded, viewOf } from './projections/view.ts'
import { WriteLock } from './write-lock.ts'

/**
 * The append-only, hash-chained record of everything, and the only writer of the only database. Commands that wait
 * together share a transaction and its fsync: at most 64, for at least 2 ms (group-time.ts). SQLite syncs inside COMMIT
 * (synchronous = FULL), unless the group changed nothing. A resolved `commit` survives a power cut.
 */
export class Journal {
  readonly view: View
  /** Another program may hold the journal. */
  readonly lock: WriteLock
  readonly between: BetweenGroups
  readonly differences: TableDifferences
  readonly later: LaterWork
  readonly #db: Database.Database
  readonly #options: JournalOptions
  readonly #appender: Appender
  readonly #commitGroup: Database.Statement
  readonly #decider: Decider
  readonly #commands = new Commands()
  readonly #groupTime: GroupTime
  readonly #listeners = new Set<(seq: number, events: readonly NewEvent[]) => void>()
  #state: JournalState = OPENED

  private constructor(db: Database.Database, headState: StateAtHead, options: JournalOptions) {
    this.#db = db
    this.#options = options
    this.differences = new TableDifferences(options.onDifference)
    this.#commitGroup = db.prepare('COMMIT')
    const { report: onDifference } = this.differences
    this.#appender = new Appender(db, headState, { ...options, onDifference })
    const { cache, projections, state, progress } = this.#appender
    const project = (): void => this.#project()
    this.later = new LaterWork(db)
    const parts = { db, cache, later: this.later, projections, state, progress, onDifference, writeTables: project }
    this.view = guarded(viewOf(parts), this.#readable)
    const unwritable = (): Error | undefined => unwritableIn(this.#state)
    this.#decider = new Decider({ appender: this.#appender, view: this.view, refusal: options.refusal, unwritable })
    const { clock, defer } = options
    this.#groupTime = new GroupTime(clock)
    const database = journalPath(options.directory)
    this.between = new BetweenGroups({
      ...{ clock, db, database, project, defer, appender: this.#appender },
      // SQLite is asked too: a file that was closed under the journal, as by a kill, is left alone.
      isResting: () => this.#state.at === 'resting' && db.open,
      write: (run) => (isOpen(this.#state) && db.open ? this.write(run) : Promise.resolve()),
      resume: () => this.#state.at === 'queued' && defer(this.#drainNow),
    })
    const begin = db.prepare('BEGIN IMMEDIATE')
    this.lock = new WriteLock({
      ...options,
      database,
      commands: this.#commands,
      awaited: this.between.awaited,
      begin: () => begin.run(),
      retry: this.#drainNow,
      giveUp: () => this.#note('wait abandoned'),
    })
  }

  /**
   * Opens, migrates, verifies the tail, and signs it if it is not signed. Throws `journal_too_new`,
   * JournalDamagedError, `journal_unsafe`, `journal_unsigned`, `journal_key_wrong`, `journal_moved`, and
   * JournalHeldError if it has something to write.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const { directory } = options
    let db: Database.Database | undefined
    let journal: Journal | undefined
    try {
      db = openForWriting(options)
      const headState = await findStateInSlices(db, options.onReading)
      if (headState.why !== undefined) options.onRecomputed?.(headState.why)
      journal = new Journal(db, headState, options)
      const isNew = journal.headSeq === 0
      await journal.#begin(isNew ? {} : options.renewal)
      // SQLite does not sync the names of its new files: answered commits are in one of them.
      await syncDirectory(directory)
      // After its first event, without which it would count as lost.
      if (isNew) announceVersion(directory, announcedBy(db))
      journal.lock.reportHolder(db)
      return journal
    } catch (error) {
      if (journal === undefined) db?.close()
      else journal.#closeFile()
      throw heldOr(damageOf(error, 1), journalPath(directory))
    }
  }

  /** `epoch`: the reason for a new one. */
  async #begin(epoch: EpochCause | undefined): Promise<void> {
    const appender = this.#appender
    appender.compareTables()
    // A lock of another program is noticed before anything waits for it.
    if (epoch !== undefined || appender.isUnsigned) this.#db.exec('BEGIN IMMEDIATE; ROLLBACK')
    if (epoch !== undefined) await this.beginEpoch(epoch)
    else if (appender.chain.publicKey !== this.#options.signer.publicKey) throw journalKeyWrong()
    else if (appender.isUnsigned) await this.#enqueue('outcome', () => ({ result: appender.signFound() }))
    appender.projections.learn()
  }

  /** A start became ready: the next event is accompanied by one that names the program, if another one wrote before. */
  becameReady(): void {
    const companion = programCompanion(this.#db, this.#options.directory, this.later)
    if (companion !== undefined) this.#appender.accompany(companion)
    if (companion?.isDue === true) void this.write(() => undefined).catch(() => undefined)
  }

  /** Sequence number of the newest durable event. */
  get headSeq(): number {
    return this.#appender.head.seq
  }

  /** Hash of the newest durable event. */
  get headHash(): Uint8Array {
    return this.#appender.head.hash
  }

  /** The times of the clock that gives events their times. */
  get clockWatch(): Pick<ClockWatch, 'newestMs' | 'vouchedAt' | 'isSuspect' | 'eventClock'> {
    return this.#appender.clockWatch
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
   * Ends the chain at its head and begins one of the next epoch, in one synced transaction; `cause` is the
   * reason. `above`: an epoch that is taken already. Rejects as {@link commit} does.
   */
  beginEpoch(cause: EpochCause, above = 0): Promise<void> {
    return this.#enqueue('outcome', () => ({ result: this.#appender.beginEpoch(cause, above) }))
  }

  /** Calls `listener` with the head and the new events after every group that appended something. Returns its removal. */
  onAppend(listener: (seq: number, events: readonly NewEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Decides and appends in one synced transaction with the other commands of its group. Rejects with what `decide` threw
   * (nothing appended), or FiskalError `storage_unavailable` / `shutting_down`.
   */
  commit<T>(priority: Priority, decide: Decide<T>): Promise<T> {
    return this.#enqueue(priority, () => this.#decider.run(priority, decide))
  }

  /** Appends events, decided as in {@link commit}: the caller waits only until they are durable. */
  record(decide: (view: View) => readonly NewEvent[]): Promise<void> {
    return this.commit('outcome', (view) => ({ events: decide(view), result: undefined }))
  }

  /** Resolves at once unless another program holds the journal, and then when it is free. Rejects as {@link commit}. */
  untilFree(): Promise<void> {
    return this.lock.isHeld ? this.write(() => undefined) : Promise.resolve()
  }

  /** Runs statements on the journal's own side tables (device memory) in the next group. */
  write(run: (db: Database.Database) => void): Promise<void> {
    return this.#enqueue('outcome', () => ({ result: run(this.#db) }))
  }

  /**
   * Accepts nothing more, moves all answered commits into the one open file, has it saved, and fails: the next start
   * reconciles open intents.
   */
  standDown(why: Error, save: () => Promise<void>): Promise<void> {
    const state = this.#state
    if (state.at === 'failed') return state.saved ?? Promise.resolve()
    if (state.at === 'closed') return Promise.resolve()
    this.#refuseAll([])
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // A full disk prevents it, as a reader does: then the log is saved as well.
    }
    // Never closed: that would delete a log by its name, which is the saved one's.
    const saved = save().then(() => this.#options.onFatal(why))
    this.#note({ saved })
    return saved
  }

  /** False once another process writes to the directory: this one then fails at once, and leaves all files as they are. */
  isSole(): boolean {
    const sole = this.#options.isSole?.() !== false
    if (sole || this.#state.at === 'failed') return sole
    const error = lockLost(this.#options.directory)
    // Never closed: that could delete a log by its name, which is the other one's.
    this.#refuseAll([])
    this.#options.onFatal(error)
    return false
  }

  /**
   * Resolves when an empty commit went through, and if only another program prevents that: the process must live, as
   * while files are saved. Rejects as {@link commit}.
   */
  probeCommit(): Promise<void> {
    if (savedIn(this.#state) !== undefined || this.lock.isHeld) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.lock.onceHeld(resolve)
      this.write(() => undefined).then(resolve, reject)
    })
  }

  /** Reads on the journal's own connection, between two groups: sees only what is durable. */
  read<T>(select: (db: Database.Database) => T): T {
    return this.#readable(select)(this.#db)
  }

  /**
   * Finishes the queue, signs a last checkpoint and closes. Later commits are refused as `shutting_down`. The next
   * start writes the events that another program keeps from being written.
   */
  readonly close = once(() => this.#closeNow())

  async #closeNow(): Promise<void> {
    this.#note('stop requested')
    this.lock.limitWaits()
    await savedIn(this.#state)
    while (this.#state.at === 'queued')
      await (this.lock.isHeld ? this.lock.pause() : new Promise<void>((resolve) => this.#options.defer(resolve)))
    this.between.stop()
    this.lock.stop()
    if (!isOpen(this.#state)) return
    try {
      this.#db.transaction(() => this.#appender.end()).immediate()
      this.#options.fault('journal.before-checkpoint')
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
      this.#options.fault('journal.after-checkpoint')
    } catch (error) {
      if (!isBusy(error)) throw error
    } finally {
      this.#closeFile()
    }
  }

  /** A disk that fails a read fails its request; inside a group SQLite rolls everything back, or lets nothing be written. */
  readonly #readable =
    <Args extends readonly unknown[], T>(read: (...args: Args) => T) =>
    (...args: Args): T => {
      const { at } = this.#state
      if (at === 'failed') throw storageError()
      // Requests that still run when everything is closed.
      if (at === 'closed') throw shuttingDown()
      try {
        return read(...args)
      } catch (error) {
        throw this.#readFailure(error)
      }
    }

  #readFailure(error: unknown): unknown {
    // While another process builds the index of the log again (SQLITE_BUSY_RECOVERY).
    if (isBusy(error)) return this.lock.refusal('unknown')
    if (!isUnreadable(error)) return error
    this.#options.onUnreadable?.(error)
    if (this.#state.at === 'writing') this.#note({ unwritable: error })
    return new JournalReadError()
  }

  #enqueue<T>(priority: Priority, run: () => Outcome<T>): Promise<T> {
    const state = this.#state
    if (state.at === 'failed') return Promise.reject(storageError())
    if (state.at === 'closed' || state.stopping) return Promise.reject(shuttingDown())
    const done = this.#commands.add(priority, run)
    if (state.at === 'resting') {
      this.#note('command added')
      this.#deferGroup()
    }
    return done
  }

  readonly #drainNow = (): void => {
    if (!isOpen(this.#state) || !this.isSole()) return
    const group: Command[] = []
    const before = this.#appender.head
    this.#decider.begin()
    try {
      this.#options.fault('journal.before-commit')
      if (!this.lock.take()) return
      this.#note('group begun')
      this.#groupTime.begin()
      this.#commands.runGroup(group, this.#groupTime.hasTime)
      const unwritable = unwritableIn(this.#state)
      if (unwritable !== undefined) throw unwritable
      this.#appender.conclude()
      this.#groupTime.beginCommit()
      this.#commitGroup.run()
      this.#options.fault('journal.after-commit')
    } catch (error) {
      // The commit may or may not be on disk: nothing in memory is worth anything now (the next start re-reads).
      this.#appender.forget(before)
      this.#fail(asError(error), group)
      return
    }
    this.#note('group committed')
    const { fsyncSeconds, heldMs } = this.#groupTime.endCommit()
    // All in the same round: a journalled act must be known as running before any other read.
    for (const command of group) command.reportResult()
    this.#options.onCommit?.(fsyncSeconds, group.length, this.#appender.appended)
    if (this.headSeq !== before.seq)
      for (const listener of this.#listeners) listener(this.headSeq, this.#appender.appended)
    this.between.noteGroup(heldMs)
    if (this.#commands.count > 0) this.#deferGroup()
    else this.#note('queue emptied')
  }

  /** After a slow sync the next group waits for the end of the pause. */
  #deferGroup(): void {
    if (!this.between.slowSyncs.isPausing) this.#options.defer(this.#drainNow)
  }

  #note(happening: Happening): void {
    this.#state = stateAfter(this.#state, happening)
  }

  /** Brings the projection tables to the head; outside a group in a separate transaction. */
  #project(): void {
    const { projections } = this.#appender
    if (projections.unwritten === 0) return
    const alone = this.#state.at !== 'writing'
    try {
      if (alone && !this.lock.take()) throw this.lock.refusal()
      projections.write()
      if (alone) this.#commitGroup.run()
    } catch (error) {
      if (error instanceof FiskalError) throw error
      if (alone) this.#fail(asError(error), [])
      else this.#note({ unwritable: asError(error) })
      throw storageError()
    }
  }

  /** Nothing more is written: all waiting commands are refused. */
  #refuseAll(group: readonly Command[]): void {
    this.#note('failure')
    for (const command of [...group, ...this.#commands.takeAll()]) command.reject(storageError())
  }

  #closeFile(): void {
    this.#db.close()
    this.#note('file closed')
  }

  #fail(error: Error, group: readonly Command[]): void {
    this.#refuseAll(group)
    try {
      this.#db.close()
    } catch {
      // The handle is abandoned either way; the reason is in `error`.
    }
    this.#options.onFatal(error)
  }
}
