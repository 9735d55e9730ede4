import type { Database } from 'better-sqlite3'
import { isListedKind } from '../documents/kind.ts'
import type { EventBody, EventContent, NewEvent } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'
import { DeviceTransactions } from './device-transactions.ts'
import { KeyClaims } from './key-claims.ts'
import { Operations } from './operations.ts'
import { Pending } from './pending.ts'
import { ReceiptChains } from './receipt-chains.ts'
import { Receipts } from './receipts.ts'
import { ResourceSeqs } from './resource-seqs.ts'
import { Sessions } from './sessions.ts'
import { shopWriter } from './shop.ts'
import { Vouchers } from './vouchers.ts'

/** One table or a few: their new rows are written together with those of the others, or dropped with them. */
type Part = { write(): void; forget(): void }

/**
 * The meaning of the events, in tables. The rows of each sale stay in memory and are written for many events together,
 * with the seq up to which the tables have followed, in one transaction: they may lag and never lead, and the next
 * start completes them. Point reads use the memory first; range reads write it first.
 */
export class Projections {
  readonly claims: KeyClaims
  readonly pending: Pending
  readonly receipts: Receipts
  readonly sessions: Sessions
  readonly chains: ReceiptChains
  readonly transactions: DeviceTransactions
  readonly vouchers: Vouchers
  readonly #operations: Operations
  readonly #resourceSeqs: ResourceSeqs
  readonly #sessionSeqs: ResourceSeqs
  readonly #shop: ReturnType<typeof shopWriter>
  /** In the order of writing. */
  readonly #parts: readonly Part[]
  readonly #mark
  #seq = 0
  #events = 0

  constructor(db: Database) {
    this.#resourceSeqs = new ResourceSeqs(db, 'resource')
    this.#sessionSeqs = new ResourceSeqs(db, 'session')
    this.claims = new KeyClaims(db)
    this.pending = new Pending(db)
    this.receipts = new Receipts(db, this.#resourceSeqs)
    this.sessions = new Sessions(db)
    this.chains = new ReceiptChains(db)
    this.transactions = new DeviceTransactions(db)
    this.vouchers = new Vouchers(db)
    this.#operations = new Operations(db, this.#resourceSeqs, this.#sessionSeqs)
    this.#shop = shopWriter(db)
    const { sessions, receipts, chains, claims, pending, transactions, vouchers } = this
    this.#parts = [sessions, this.#operations, receipts, chains, claims, pending, transactions, vouchers]
    this.#mark = db.prepare<[number]>('UPDATE projected SET seq = ?')
  }

  /** Events that the tables do not show yet. */
  get unwritten(): number {
    return this.#events
  }

  /**
   * Throws ProjectionConflict if the tables could not hold the event, before it is appended. `isRunning`: its session
   * is.
   */
  check({ op, body }: NewEvent, isRunning: boolean): void {
    if (body.answer !== undefined && op === '') throw new ProjectionConflict('a request is answered by a resource')
    this.claims.check(body)
    this.receipts.check(body)
    this.sessions.check(body, isRunning)
    this.transactions.check(body)
    this.#operations.check(body)
  }

  /** An event was appended. After one that {@link writesAtOnce}, `write` must follow in the same transaction. */
  note(seq: number, at: string, { op, body }: EventContent): void {
    this.#shop(seq, at, op, body)
    this.sessions.note(seq, body)
    this.#operations.note(seq, at, op, body)
    this.receipts.note(seq, body)
    this.chains.note(body)
    this.claims.note(seq, body)
    if (body.release !== undefined) this.#free(body.release)
    this.pending.note(seq, op, body)
    this.transactions.note(op, body)
    this.vouchers.note(seq, op, body)
    this.#seq = seq
    this.#events++
  }

  /** Loads the data that the first request would wait for. */
  learn(): void {
    this.claims.learn()
  }

  /** Writes the tables up to the last noted event. Inside a transaction. */
  write(): void {
    if (this.#events === 0) return
    for (const part of this.#parts) part.write()
    this.#mark.run(this.#seq)
    this.#events = 0
  }

  /** Drops the rows noted since the last write, because they were rolled back: only the tables count. */
  forget(): void {
    for (const part of this.#parts) part.forget()
    for (const seqs of [this.#resourceSeqs, this.#sessionSeqs]) seqs.forget()
    this.#events = 0
  }

  #free(seq: number): void {
    const claim = this.pending.claimOf(seq)
    if (claim !== null) this.claims.free(claim, seq)
  }
}

/** True for an event of the shop or of a session itself: rare, and read in ranges at any time. */
export function writesAtOnce({ index, session, key, revoked, enrolled }: EventBody): boolean {
  if (index !== undefined && isListedKind(index.kind)) return true
  return session?.set !== undefined || key !== undefined || revoked !== undefined || enrolled !== undefined
}
