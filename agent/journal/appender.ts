import type Database from 'better-sqlite3'
import { canonicalJson } from '../../base/canonical.ts'
import { rfc3339 } from '../../base/clock.ts'
import type { BookState } from './books/book-state.ts'
import { tableComparison } from './books/compare-tables.ts'
import type { StateAtHead } from './books/state-record.ts'
import { RECORD_EVERY, stateRecord, stateWriter } from './books/state-record.ts'
import type { Chain, Chains } from './chains.ts'
import { hashIn, readChains, successor, virgin } from './chains.ts'
import type { Signature } from './checkpoint.ts'
import { ClockWatch } from './clock-watch.ts'
import { isFatal } from './disk/storage-error.ts'
import type { StepEvent } from './documents/document.ts'
import { isOperationKind } from './documents/kind.ts'
import type { EpochCause } from './event-facts.ts'
import { STEPPED, soundTimes } from './event-table.ts'
import type { NewEvent } from './events.ts'
import { readHead } from './journal-file.ts'
import type { JournalOptions } from './journal-options.ts'
import { marksToNote } from './known-machine.ts'
import type { Companion } from './program-companion.ts'
import { ProgressBook } from './progress-book.ts'
import { Cache } from './projections/cache.ts'
import { ProjectionConflict } from './projections/conflict.ts'
import { Projections, writesAtOnce } from './projections/projections.ts'
import { UNSIGNED_HEAD } from './signed-head.ts'

const CHECKPOINT_EVERY = 1000
/** A journal without a pause signs its newest event within a group. */
const UNSIGNED_LIMIT_NS = 60_000_000_000n
/**
 * Events that the projection tables may lag: seven milliseconds of writing, once in 500 sales, and forty of reading at
 * the start after a kill. Each register has its own pages in several tables, so that larger portions write less.
 */
const PROJECT_EVERY = 2048

type Head = { seq: number; hash: Buffer; checkpoint: number }
type Options = Pick<
  JournalOptions,
  'clock' | 'bootId' | 'signer' | 'agentId' | 'chainId' | 'machine' | 'fault' | 'onDifference' | 'onAppending'
>

/**
 * Appends events inside the open transaction: seq, hash chain, epochs, projections, checkpoints. The journal decides
 * when it begins and commits, and who waits for it.
 */
export class Appender {
  readonly projections: Projections
  readonly cache = new Cache()
  /** The facts that the next sale depends on: folded from each event, never read from a table. */
  readonly state: BookState
  readonly progress: ProgressBook
  readonly #db: Database.Database
  readonly #options: Options
  readonly #sql
  /** Watches the clock that gives events their times. */
  readonly clockWatch: ClockWatch
  readonly #bootMono: bigint
  readonly #storeState
  readonly #compare
  /** The event of the newest state record. */
  #recorded: number
  #newest: Head
  #chains: readonly Chain[]
  #present: Chain
  #group: NewEvent[] = []
  #companion: Companion | undefined
  /** The event of the checkpoint that the next one replaces. */
  #rolling: number | undefined
  /** The latest time at which the first event after the newest checkpoint was appended. */
  #unsignedSince: bigint | undefined

  constructor(db: Database.Database, headState: Pick<StateAtHead, 'state' | 'recorded'>, options: Options) {
    this.#db = db
    this.#options = options
    this.projections = new Projections(db)
    this.state = headState.state
    this.progress = new ProgressBook(db, { isOpen: (seq) => this.state.isOpen(seq) })
    this.#recorded = headState.recorded
    this.#storeState = stateWriter(db)
    this.#compare = tableComparison(db)
    this.#sql = {
      insert: db.prepare<unknown[]>('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
      insertCheckpoint: db.prepare<unknown[]>('INSERT INTO checkpoint VALUES (?, ?, ?, ?)'),
      deleteCheckpoint: db.prepare<[number]>('DELETE FROM checkpoint WHERE seq = ?'),
      savepoint: db.prepare('SAVEPOINT command'),
      rollback: db.prepare('ROLLBACK TO command'),
      release: db.prepare('RELEASE command'),
    }
    this.#bootMono = options.clock.mono()
    this.#newest = readHead(db)
    this.clockWatch = new ClockWatch(options.clock, soundTimes(db))
    this.#chains = this.#newest.seq > 0 ? readChains(db) : []
    this.#present = this.#chains.at(-1) ?? virgin(options.agentId)
  }

  /** The newest event and the newest checkpoint; never changed, but replaced after each event. */
  get head(): Readonly<Head> {
    return this.#newest
  }

  /** The chain that grows. */
  get chain(): Chain {
    return this.#present
  }

  /** All chains of the journal, the one that grows last. */
  get chains(): Chains {
    const [first = this.#present, ...others] = this.#chains
    return [first, ...others]
  }

  /** The events since {@link begin}. */
  get appended(): readonly NewEvent[] {
    return this.#group
  }

  /** False if the newest event has a checkpoint. */
  get isUnsigned(): boolean {
    return this.#newest.seq > Math.max(this.#newest.checkpoint, this.#rolling ?? 0)
  }

  /** A group begins. */
  begin(): void {
    this.#group = []
  }

  /**
   * The bodies in their stored form. Throws if a body has a value that JSON cannot hold: before anything is inserted.
   */
  textsOf(events: readonly NewEvent[]): string[] {
    const vouching = events.findIndex(({ body }) => body.clock === 'right')
    if (vouching >= 0) this.clockWatch.trust(this.#newest.seq + 1 + vouching)
    this.#options.onAppending?.()
    const isSuspect = this.clockWatch.marks(events.some(({ kind }) => kind !== STEPPED.kind))
    return events.map(({ body }) => canonicalJson(isSuspect ? { ...body, clock: 'suspect' } : body))
  }

  /**
   * Appends all or none. An event that the projections cannot hold refuses its own request only: otherwise each repeat
   * of the request would stop the group and the agent. Any other failure is thrown, and fatal.
   */
  append(events: readonly StepEvent[], texts: readonly string[]): Error | undefined {
    const [first, second] = events
    if (first === undefined) return undefined
    if (second !== undefined || writesAtOnce(first.body)) return this.#appendThrough(events, texts)
    try {
      const { session } = first.body
      this.projections.check(first, session !== undefined && this.state.session(session.id) !== undefined)
      this.state.check(first.body)
      this.progress.follow(this.#newest.seq + 1, first)
    } catch (error) {
      if (error instanceof ProjectionConflict) return error
      throw error
    }
    this.#appendOne(first, texts[0] ?? '')
    return undefined
  }

  /** Ends the chain at its head, signed, and begins the one of the next epoch. */
  beginEpoch(cause: EpochCause, above: number): void {
    const { signer, chainId } = this.#options
    const present = this.#present
    const { head } = this
    const vouches = cause.reason !== UNSIGNED_HEAD && present.publicKey === signer.publicKey
    if (head.seq > head.checkpoint && vouches) this.#checkpoint()
    const machine = marksToNote(this.#db, this.#options.machine, cause)
    const next = successor(present, head, { chainId: chainId(), publicKey: signer.publicKey, above, cause, machine })
    this.#present = next
    this.#chains = [...this.#chains, next]
    this.#db.prepare('INSERT INTO chain_start VALUES (?)').run(head.seq + 1)
    const event: NewEvent = { kind: 'journal.opened', op: '', body: { facts: next.opening } }
    this.#appendOne(event, this.textsOf([event])[0] ?? '')
    // Events after a chain with an unsigned head must not look like its tail.
    if (head.seq > head.checkpoint && !vouches) this.#checkpoint()
  }

  /** Signs the head that a start has found and proven, before anything follows it. */
  signFound(): void {
    if (this.isUnsigned) this.#checkpoint()
  }

  /** Signs the newest event outside the main thread; the returned function stores the signature, within a group. */
  async signAside(): Promise<() => void> {
    const { id, epoch, base } = this.#present
    const { seq, hash } = this.#newest
    const since = this.#options.clock.mono()
    const { kid, sig } = await this.#options.signer.signAside(id, epoch, seq - base, hash)
    return () => {
      if (seq <= Math.max(this.#newest.checkpoint, this.#rolling ?? 0)) return
      this.#roll({ seq, hash, kid, sig })
      this.#unsignedSince = this.isUnsigned ? since : undefined
    }
  }

  /**
   * The next group that appends something, or any if it is due, appends this event too, after `before`, which is tried
   * again if it fails.
   */
  accompany(companion: Companion): void {
    this.#companion = companion
  }

  /** Does the due work of a group: a state record, tables that lag too far, a checkpoint. */
  conclude(): void {
    if (this.#companion !== undefined && (this.#companion.isDue || this.#group.length > 0))
      this.#appendCompanion(this.#companion)
    if (this.#newest.seq - this.#recorded >= RECORD_EVERY) this.#recordState()
    if (this.projections.unwritten >= PROJECT_EVERY) {
      this.projections.write()
      this.compareTables()
    }
    if (this.#newest.seq - this.#newest.checkpoint >= CHECKPOINT_EVERY) this.#checkpoint()
    else if (this.#unsignedSince !== undefined && this.#options.clock.mono() - this.#unsignedSince >= UNSIGNED_LIMIT_NS)
      this.#signWithin()
  }

  /** Reports each difference between tables and events, and uses neither. The tables must be at the head. */
  compareTables(): void {
    const what = this.#compare(this.state)
    if (what !== undefined) this.#options.onDifference?.(what)
  }

  /** The last transaction of an orderly stop: the tables are at the head, and the head is signed. */
  end(): void {
    this.projections.write()
    if (this.#newest.seq > this.#newest.checkpoint) this.#checkpoint()
  }

  /** The group may or may not be on disk: all facts in memory are invalid. */
  forget(head: Head): void {
    this.#newest = head
    this.cache.clear()
    this.progress.forget()
  }

  /**
   * The tables themselves are asked whether they can hold it. A savepoint copies every page it touches, which is too
   * slow for each sale.
   */
  #appendThrough(events: readonly StepEvent[], texts: readonly string[]): Error | undefined {
    this.projections.write()
    const before = this.#newest
    const count = this.#group.length
    const saved = this.state.saved()
    this.#sql.savepoint.run()
    try {
      for (const [index, event] of events.entries()) {
        this.state.check(event.body)
        this.progress.follow(this.#newest.seq + 1, event)
        this.#appendOne(event, texts[index] ?? '')
      }
      this.projections.write()
    } catch (error) {
      if (!(error instanceof Error) || isFatal(error)) throw error
      this.#sql.rollback.run()
      this.projections.forget()
      this.state.restore(saved)
      this.cache.clear()
      this.progress.forget()
      this.#newest = before
      this.#group.length = count
      return error
    } finally {
      if (this.#db.inTransaction) this.#sql.release.run()
    }
    return undefined
  }

  #appendOne(event: StepEvent, body: string): void {
    const { clock, bootId: boot } = this.#options
    const seq = this.#newest.seq + 1
    const at = createdAt(event) ?? rfc3339(this.clockWatch.now())
    const mono = String(clock.mono() - this.#bootMono)
    const { kind, op } = event
    const hash = hashIn(this.#present, this.#newest.hash, { seq, kind, op, at, boot, mono, body })
    this.#sql.insert.run(seq, kind, op, at, boot, mono, body, hash)
    this.projections.note(seq, at, event)
    this.state.note(seq, at, op, event.body)
    this.cache.note(event, body.length)
    this.#group.push(event)
    this.#newest = { seq, hash, checkpoint: this.#newest.checkpoint }
    this.#unsignedSince ??= clock.mono()
  }

  #appendCompanion({ event, before }: Companion): void {
    try {
      before()
    } catch {
      // A full disk, as a rule: the next event has it.
      return
    }
    this.#companion = undefined
    this.#appendOne(event, this.textsOf([event])[0] ?? '')
  }

  #recordState(): void {
    const json = this.state.toJson()
    const event = stateRecord(json)
    this.#storeState(this.#newest.seq, json)
    this.#appendOne(event, this.textsOf([event])[0] ?? '')
    this.#recorded = this.#newest.seq
  }

  #checkpoint(): void {
    this.#signWithin()
    this.#rolling = undefined
    this.#options.fault('journal.checkpoint-signed')
    this.#newest = { ...this.#newest, checkpoint: this.#newest.seq }
  }

  #signWithin(): void {
    const { id, epoch, base } = this.#present
    const { seq, hash } = this.#newest
    this.#roll({ seq, hash, ...this.#options.signer.sign(id, epoch, seq - base, hash) })
    this.#unsignedSince = undefined
  }

  #roll({ seq, hash, kid, sig }: { seq: number; hash: Buffer } & Signature): void {
    if (this.#rolling !== undefined) this.#sql.deleteCheckpoint.run(this.#rolling)
    this.#sql.insertCheckpoint.run(seq, hash, kid, sig)
    this.#rolling = seq
  }
}

/** Lists of operations use the time of the event that made them: the operation shows the same one. */
function createdAt({ body: { index, set } }: NewEvent): string | undefined {
  const created = index !== undefined && isOperationKind(index.kind) ? set?.['created_at'] : undefined
  return typeof created === 'string' ? created : undefined
}
