import type Database from 'better-sqlite3'
import { canonicalJson } from '../canonical.ts'
import { rfc3339 } from '../clock.ts'
import { FiskalError } from '../errors.ts'
import { asError } from '../thrown.ts'
import type { Chain, Chains } from './chains.ts'
import { hashIn, JournalKeyError, readChains, successor, virgin } from './chains.ts'
import { ClockWatch } from './clock-watch.ts'
import type { Command, Outcome, Priority } from './commands.ts'
import { Commands } from './commands.ts'
import { openForWriting, readHead } from './database.ts'
import { syncDirectory } from './durable-file.ts'
import { tooLargeEvent } from './event-limit.ts'
import type { Members, NewEvent } from './events.ts'
import type { JournalOptions } from './journal-options.ts'
import { Cache } from './projections/cache.ts'
import { Misfit } from './projections/misfit.ts'
import { Projections, writesAtOnce } from './projections/projections.ts'
import type { View } from './projections/view.ts'
import { guarded, viewOf } from './projections/view.ts'
import { statementsOf } from './statements.ts'
import { isFatal, isUnreadable, readError, storageError } from './storage-error.ts'
import { Upkeep } from './upkeep.ts'

const CHECKPOINT_EVERY = 1000
/** Events that the projection tables may lag behind: few milliseconds of writing, and of reading at the next start. */
const PROJECT_EVERY = 512
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
  private readonly db: Database.Database
  private readonly options: JournalOptions
  private readonly projections: Projections
  private readonly cache = new Cache()
  private readonly sql
  private readonly bootMono: bigint
  private readonly commands = new Commands()
  private readonly upkeep: Upkeep
  private readonly listeners = new Set<(seq: number) => void>()
  private head: { seq: number; hash: Buffer; checkpoint: number }
  private known: readonly Chain[]
  private present: Chain
  private readonly clockWatch: ClockWatch
  /** Of the group that is being written. */
  private appended: NewEvent[] = []
  private groupRefusal: { refusal: FiskalError | undefined } | undefined
  private draining = false
  private inGroup = false
  private turnNs = TURN_NS
  private failed: Error | undefined
  /** Settles when the files of a journal that stood down are where they belong. */
  private saving: Promise<void> | undefined
  /** Why the group that is being written cannot be: a read of its own failed, or the projections could not be written. */
  private broken: Error | undefined
  private stopped = false

  private constructor(db: Database.Database, options: JournalOptions) {
    this.db = db
    this.options = options
    this.sql = statementsOf(db)
    this.projections = new Projections(db)
    const project = (): void => this.project()
    this.view = guarded(
      viewOf({ db, cache: this.cache, projections: this.projections, settle: project }),
      this.readable,
    )
    const isResting = (): boolean => !this.draining && this.failed === undefined
    this.upkeep = new Upkeep({ clock: options.clock, db, project, learn: () => this.projections.learn(), isResting })
    this.clockWatch = new ClockWatch(options.clock)
    this.bootMono = options.clock.mono()
    this.head = readHead(db)
    this.known = this.head.seq > 0 ? readChains(db) : []
    this.present = this.known.at(-1) ?? virgin(options.agentId)
  }

  /**
   * Opens, migrates, verifies the tail. Throws JournalVersionError, JournalDamagedError, JournalUnsafeError,
   * JournalKeyError, JournalMovedError.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const db = openForWriting(options.directory, options.fault, options.renewal !== undefined)
    const journal = new Journal(db, options)
    if (journal.head.seq === 0) await journal.beginEpoch({})
    else if (options.renewal !== undefined) await journal.beginEpoch(options.renewal)
    else if (journal.present.publicKey !== options.signer.publicKey) {
      journal.db.close()
      throw new JournalKeyError()
    }
    journal.upkeep.begin()
    // SQLite does not mind when the names of its new files are not synced: the answered commits are in one of them.
    await syncDirectory(options.directory)
    return journal
  }

  /** Sequence number of the newest durable event. */
  get headSeq(): number {
    return this.head.seq
  }

  /** Hash of the newest durable event. */
  get headHash(): Uint8Array {
    return this.head.hash
  }

  /** Id of the chain that grows. */
  get chain(): string {
    return this.present.chainId
  }

  get epoch(): number {
    return this.present.epoch
  }

  /** All chains of the journal, the one that grows last. */
  get chains(): Chains {
    const [first = this.present, ...others] = this.known
    return [first, ...others]
  }

  /**
   * Ends the chain at its head and begins one of the next epoch (W-1), in one synced transaction; `note` tells why.
   * `above`: an epoch that is taken already. Rejects as {@link commit} does.
   */
  beginEpoch(note: Members, above = 0): Promise<void> {
    const { signer, chainId } = this.options
    return this.enqueue('outcome', () => {
      const { present, head } = this
      if (head.seq > head.checkpoint && present.publicKey === signer.publicKey) this.checkpoint()
      this.present = successor(present, head, { chainId: chainId(), publicKey: signer.publicKey, above, note })
      this.known = [...this.known, this.present]
      this.db.prepare('INSERT INTO chain_start VALUES (?)').run(head.seq + 1)
      const clock = this.clockWatch.isSuspect() ? { clock: 'suspect' as const } : {}
      const event = { kind: 'journal.opened', op: '', body: { note: this.present.note, ...clock } }
      this.append(event, canonicalJson(event.body))
      return { result: undefined }
    })
  }

  /** Calls `listener` with the head after every group that appended something. Returns its removal. */
  onAppend(listener: (seq: number) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /**
   * Decides and appends in one synced transaction with everything else of this turn. Rejects with what `decide` threw
   * (nothing appended), or FiskalError `storage_unavailable` / `shutting_down`.
   */
  commit<T>(priority: Priority, decide: Decide<T>): Promise<T> {
    return this.enqueue(priority, () => this.decided(priority, decide))
  }

  /** Runs statements on the journal's own side tables (device memory) in the next group. */
  write(run: (db: Database.Database) => void): Promise<void> {
    return this.enqueue('outcome', () => ({ result: run(this.db) }))
  }

  /**
   * Takes nothing more, brings all that was answered into the one open file, has it saved, and fails: what is not
   * concluded is settled by the next start.
   */
  standDown(why: Error, save: () => Promise<void>): Promise<void> {
    if (this.failed !== undefined || this.db.open === false) return this.saving ?? Promise.resolve()
    this.failed = why
    for (const command of this.commands.takeAll()) command.reject(storageError())
    // A reader may hold it up: then the log is saved as well.
    this.db.pragma('wal_checkpoint(TRUNCATE)')
    // Never closed: that would delete a log by its name, which is the saved one's.
    this.saving = save().then(() => this.options.onFatal(why))
    return this.saving
  }

  /** Resolves when an empty commit is durable; while files are saved the process must live. Rejects as {@link commit}. */
  vouch(): Promise<void> {
    return this.saving === undefined ? this.write(() => undefined) : Promise.resolve()
  }

  /** Reads on the journal's own connection, between two groups: sees only what is durable. */
  read<T>(select: (db: Database.Database) => T): T {
    return this.readable(select)(this.db)
  }

  /** Finishes what is queued, signs a last checkpoint and closes. Later commits are refused as `shutting_down`. */
  async close(): Promise<void> {
    if (this.stopped) return
    this.stopped = true
    await this.saving
    while (this.draining && this.failed === undefined) await new Promise<void>((resolve) => this.options.defer(resolve))
    this.upkeep.stop()
    if (this.failed !== undefined) return
    this.db
      .transaction(() => {
        this.projections.write()
        if (this.head.seq > this.head.checkpoint) this.checkpoint()
      })
      .immediate()
    this.options.fault('journal.before-checkpoint')
    this.db.pragma('wal_checkpoint(TRUNCATE)')
    this.options.fault('journal.after-checkpoint')
    this.db.close()
  }

  /** A disk that fails a read refuses what asked for it; inside a group SQLite may have rolled all of it back. */
  private readonly readable =
    <Args extends readonly unknown[], T>(read: (...args: Args) => T) =>
    (...args: Args): T => {
      if (this.failed !== undefined) throw storageError()
      try {
        return read(...args)
      } catch (error) {
        if (!isUnreadable(error)) throw error
        if (this.inGroup) this.broken = error
        throw readError()
      }
    }

  private enqueue<T>(priority: Priority, run: () => Outcome<T>): Promise<T> {
    if (this.failed !== undefined) return Promise.reject(storageError())
    if (this.stopped)
      return Promise.reject(new FiskalError('shutting_down', 'The agent is stopping.', {}, { retryAfterSeconds: 5 }))
    const done = this.commands.add(priority, run)
    if (!this.draining) {
      this.draining = true
      this.options.defer(this.drainNow)
    }
    return done
  }

  /** Asked once for a group: the commands of one turn find the same disk. */
  private refusalOfGroup(): FiskalError | undefined {
    this.groupRefusal ??= { refusal: this.options.refusal() }
    return this.groupRefusal.refusal
  }

  /** Inside the group: decides and appends. What it throws is fatal. */
  private decided<T>(priority: Priority, decide: Decide<T>): Outcome<T> {
    const closed = priority === 'intent' ? this.refusalOfGroup() : undefined
    if (closed !== undefined) return { refusal: closed }
    let decision: Decision<T>
    let bodies: readonly string[]
    try {
      decision = decide(this.view, this.head.seq + 1)
      // Written as text before anything is inserted: a value that JSON cannot hold refuses one request, not the journal.
      const suspect = this.clockWatch.isSuspect()
      bodies = decision.events.map(({ body }) => canonicalJson(suspect ? { ...body, clock: 'suspect' } : body))
    } catch (error) {
      if (this.broken !== undefined) throw this.broken
      return { refusal: asError(error) }
    }
    const misfit =
      (priority === 'intent' ? tooLargeEvent(bodies) : undefined) ?? this.appendAll(decision.events, bodies)
    if (misfit !== undefined) return { refusal: misfit }
    decision.appended?.()
    return { result: decision.result }
  }

  private readonly drainNow = (): void => {
    if (this.failed !== undefined) return
    const group: Command[] = []
    const before = { ...this.head }
    this.appended = []
    this.groupRefusal = undefined
    let began = 0n
    try {
      this.options.fault('journal.before-commit')
      this.sql.beginGroup.run()
      this.inGroup = true
      const until = this.options.clock.mono() + this.turnNs
      this.commands.runGroup(group, () => this.options.clock.mono() < until)
      if (this.broken !== undefined) throw this.broken
      if (this.projections.unwritten >= PROJECT_EVERY) this.projections.write()
      if (this.head.seq - this.head.checkpoint >= CHECKPOINT_EVERY) this.checkpoint()
      began = this.options.clock.mono()
      this.sql.commitGroup.run()
      this.options.fault('journal.after-commit')
    } catch (error) {
      // The commit may or may not be on disk: nothing in memory is worth anything now (the next start re-reads).
      this.head = before
      this.fail(asError(error), group)
      return
    } finally {
      this.inGroup = false
    }
    const syncNs = this.options.clock.mono() - began
    this.turnNs = syncNs > TURN_NS ? syncNs : TURN_NS
    // All in this turn: an act that stands in the journal must be known to be under way before anybody else looks.
    for (const command of group) command.settle()
    this.options.onCommit?.(Number(syncNs) / 1e9, group.length, this.appended)
    if (this.head.seq !== before.seq) for (const listener of this.listeners) listener(this.head.seq)
    if (this.commands.count > 0) this.options.defer(this.drainNow)
    else this.draining = false
    this.upkeep.noteGroup()
  }

  /** Brings the projection tables to the head; outside a group in a transaction of its own. */
  private project(): void {
    if (this.projections.unwritten === 0) return
    const alone = !this.inGroup
    try {
      if (alone) this.sql.beginGroup.run()
      this.projections.write()
      if (alone) this.sql.commitGroup.run()
    } catch (error) {
      this.broken = asError(error)
      if (alone) this.fail(this.broken, [])
      throw storageError()
    }
  }

  /**
   * Appends all or none. An event that the projections cannot hold refuses its own request: it must not take the rest of
   * the group and the agent along, again at every repeat of the request. Whatever else fails is fatal.
   */
  private appendAll(events: readonly NewEvent[], bodies: readonly string[]): Error | undefined {
    const [first, second] = events
    if (first === undefined) return undefined
    if (second !== undefined || writesAtOnce(first.body)) return this.appendThrough(events, bodies)
    try {
      this.projections.check(first)
    } catch (error) {
      if (error instanceof Misfit) return error
      throw error
    }
    this.append(first, bodies[0] ?? '')
    return undefined
  }

  /** The tables themselves are asked whether they hold it. A savepoint copies every page it touches: not for each sale. */
  private appendThrough(events: readonly NewEvent[], bodies: readonly string[]): Error | undefined {
    this.projections.write()
    const before = this.head
    const count = this.appended.length
    this.sql.savepoint.run()
    try {
      for (const [index, event] of events.entries()) this.append(event, bodies[index] ?? '')
      this.projections.write()
    } catch (error) {
      if (!(error instanceof Error) || isFatal(error)) throw error
      this.sql.rollback.run()
      this.projections.forget()
      this.cache.clear()
      this.head = before
      this.appended.length = count
      return error
    } finally {
      if (this.db.inTransaction) this.sql.release.run()
    }
    return undefined
  }

  private append(event: NewEvent, body: string): void {
    const seq = this.head.seq + 1
    const at = rfc3339(this.options.clock.now())
    const mono = String(this.options.clock.mono() - this.bootMono)
    const { kind, op } = event
    const boot = this.options.bootId
    const hash = hashIn(this.present, this.head.hash, { seq, kind, op, at, boot, mono, body })
    this.sql.insert.run(seq, kind, op, at, boot, mono, body, hash)
    this.projections.note(seq, at, event)
    this.cache.note(event)
    this.appended.push(event)
    this.head = { seq, hash, checkpoint: this.head.checkpoint }
  }

  private checkpoint(): void {
    const { id, epoch, base } = this.present
    const { kid, sig } = this.options.signer.sign(id, epoch, this.head.seq - base, this.head.hash)
    this.sql.insertCheckpoint.run(this.head.seq, this.head.hash, kid, sig)
    this.options.fault('journal.checkpoint-signed')
    this.head = { ...this.head, checkpoint: this.head.seq }
  }

  private fail(error: Error, group: readonly Command[]): void {
    this.failed = error
    this.cache.clear()
    this.draining = false
    for (const command of [...group, ...this.commands.takeAll()]) command.reject(storageError())
    try {
      this.db.close()
    } catch {
      // The handle is given up either way; the reason is in `error`.
    }
    this.options.onFatal(error)
  }
}
