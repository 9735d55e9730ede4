import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../../base/canonical.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'
import { withForeign } from '../books/foreign-cash.ts'
import type { DocumentOf, SessionParts } from '../documents/document.ts'
import { sessionAfter, sessionOf } from '../documents/document.ts'
import type { EventBody } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'

export type SessionRow = {
  id: string
  seq: number
  register: string
  state: string
  cash: number
  foreign?: ForeignSums | undefined
  document: DocumentOf<'session'>
}
type StoredRow = Omit<SessionRow, 'document' | 'foreign'> & { doc: string; foreign_cash: string | null }
export type SessionFilter = { merchant: string; register?: string | undefined; state?: string | undefined }

/** Rows that a list reads at once, whether they match or not: some 6 ms. */
const SESSIONS_LOOKED_AT = 2000

/** Sessions are written at once; only the cash of their sales is added up and written with the rest. */
export class Sessions {
  readonly #cash = new Map<string, number>()
  readonly #foreign = new Map<string, ForeignSums>()
  readonly #newest = new Map<string, { id: string; state: string } | undefined>()
  readonly #statements

  constructor(db: Database) {
    this.#statements = statementsOf(db)
  }

  get(id: string): SessionRow | undefined {
    return this.#row(this.#statements.one.get(id))
  }

  /** The register's newest session, whatever its state. */
  last(register: string): SessionRow | undefined {
    return this.#row(this.#statements.last.get(register))
  }

  /** The same without its document, for every sale. */
  lastState(register: string): { id: string; state: string } | undefined {
    if (!this.#newest.has(register)) this.#newest.set(register, this.#statements.lastState.get(register))
    return this.#newest.get(register)
  }

  /** Sessions after a seq, up to another. */
  list({ merchant, register, state }: SessionFilter, after: number, limit: number, upTo: number): SessionRow[] {
    const { list, listOf, listRunning } = this.#statements
    const rows = isOfRunning(state)
      ? listRunning.all(after, upTo, state, register ?? null, merchant, limit)
      : register === undefined
        ? list.all(after, upTo, state ?? null, merchant, limit)
        : listOf.all(register, after, upTo, state ?? null, merchant, limit)
    return rows.flatMap((row) => this.#row(row) ?? [])
  }

  /** The seq up to which a list reads sessions at once; undefined if all others fit. */
  upTo({ register, state }: SessionFilter, after: number): number | undefined {
    const { lookedAt, lookedAtOf } = this.#statements
    if (isOfRunning(state)) return undefined
    const row = register === undefined ? lookedAt.get(after) : lookedAtOf.get(register, after)
    return row?.seq
  }

  /** The closed session of a register before a seq. */
  closedBefore(register: string, seq: number): SessionRow | undefined {
    return this.#row(this.#statements.closedBefore.get(register, seq))
  }

  /** Closed sessions of a register whose business date begins with `period` (`2026-03-02`, `2026-03`, `2026`), oldest first. */
  closedOn(register: string, period: string): SessionRow[] {
    return this.#statements.closedOn.all(register, period.length, period).flatMap((row) => this.#row(row) ?? [])
  }

  /** Closed sessions of the register by their business dates, both inclusive; the newest first. */
  closedBetween(register: string, from: string, to: string, limit: number): SessionRow[] {
    return this.#statements.closedBetween.all(register, from, to, limit).flatMap((row) => this.#row(row) ?? [])
  }

  /**
   * Sessions of a register that were closed from one time to another, both inclusive, the newest first. Only those whose
   * business date is before the opening or more than a day after the close (UTC): no other has an impossible date.
   */
  oddlyDated(register: string, from: string, to: string, limit: number): SessionRow[] {
    return this.#statements.oddlyDated.all(register, from, to, limit).flatMap((row) => this.#row(row) ?? [])
  }

  check({ session }: EventBody, isRunning: boolean): void {
    if (session === undefined || session.set !== undefined) return
    if (!Number.isSafeInteger(session.cash ?? 0)) throw new ProjectionConflict('cash is a whole number of cents')
    if (session.foreign !== undefined) checkForeign(session.foreign)
    if (!isRunning && this.#statements.one.get(session.id) === undefined)
      throw new ProjectionConflict(`there is no session ${session.id}`)
  }

  note(seq: number, { session }: EventBody): void {
    if (session === undefined) return
    const { id, register, set, own = {}, cash = 0 } = session
    this.#cash.set(id, (this.#cash.get(id) ?? 0) + cash)
    if (session.foreign !== undefined) this.#foreign.set(id, withForeign(this.#foreign.get(id), session.foreign))
    if (set === undefined) return
    this.#newest.delete(register)
    const before = this.#statements.one.get(id)
    const state = set['state']
    if (before === undefined) {
      this.#statements.insert.run(id, seq, register, String(state), canonicalJson({ shown: set, own }))
      return
    }
    const doc = canonicalJson(sessionAfter(JSON.parse(before.doc) as SessionParts, { set, own }))
    this.#statements.update.run(typeof state === 'string' ? state : before.state, doc, id)
  }

  write(): void {
    for (const [id, cash] of this.#cash) if (cash !== 0) this.#statements.addCash.run(cash, id)
    this.#cash.clear()
    for (const [id, moved] of this.#foreign) {
      const before = foreignIn(this.#statements.one.get(id)?.foreign_cash ?? null)
      this.#statements.setForeign.run(canonicalJson(withForeign(before, moved)), id)
    }
    this.#foreign.clear()
  }

  forget(): void {
    this.#cash.clear()
    this.#foreign.clear()
    this.#newest.clear()
  }

  #row(stored: StoredRow | undefined): SessionRow | undefined {
    if (stored === undefined) return undefined
    const { doc, foreign_cash: written, ...row } = stored
    const cash = row.cash + (this.#cash.get(row.id) ?? 0)
    const moved = this.#foreign.get(row.id)
    const before = foreignIn(written)
    const foreign = moved === undefined ? before : withForeign(before, moved)
    return { ...row, cash, ...(foreign && { foreign }), document: sessionOf(row.id, JSON.parse(doc) as SessionParts) }
  }
}

function foreignIn(written: string | null): ForeignSums | undefined {
  return written === null ? undefined : (JSON.parse(written) as ForeignSums)
}

function checkForeign(moved: ForeignSums): void {
  for (const [currency, { units, base }] of Object.entries(moved))
    if (!Number.isSafeInteger(units) || !Number.isSafeInteger(base))
      throw new ProjectionConflict(`${currency} is a whole number of cents`)
}

/** A register has at most one session that is not closed, so these are found without reading the others. */
function isOfRunning(state: string | undefined): state is string {
  return state !== undefined && state !== 'closed'
}

function statementsOf(db: Database) {
  const ofMerchant = "register IN (SELECT id FROM resource WHERE type = 'register' AND merchant = ?)"
  return {
    one: db.prepare<[string], StoredRow>('SELECT * FROM session WHERE id = ?'),
    last: db.prepare<[string], StoredRow>('SELECT * FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1'),
    lastState: db.prepare<[string], { id: string; state: string }>(
      'SELECT id, state FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1',
    ),
    list: db.prepare<unknown[], StoredRow>(
      `SELECT * FROM session WHERE seq > ? AND seq <= ? AND coalesce(state = ?, TRUE) AND ${ofMerchant}
       ORDER BY seq LIMIT ?`,
    ),
    listOf: db.prepare<unknown[], StoredRow>(
      `SELECT * FROM session WHERE register = ? AND seq > ? AND seq <= ? AND coalesce(state = ?, TRUE) AND ${ofMerchant}
       ORDER BY seq LIMIT ?`,
    ),
    listRunning: db.prepare<unknown[], StoredRow>(
      `SELECT * FROM session INDEXED BY session_running WHERE state <> 'closed' AND seq > ? AND seq <= ? AND state = ?
       AND coalesce(register = ?, TRUE) AND ${ofMerchant} ORDER BY seq LIMIT ?`,
    ),
    lookedAt: db.prepare<[number], { seq: number }>(
      `SELECT seq FROM session WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ${SESSIONS_LOOKED_AT}`,
    ),
    lookedAtOf: db.prepare<[string, number], { seq: number }>(
      `SELECT seq FROM session WHERE register = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ${SESSIONS_LOOKED_AT}`,
    ),
    closedBefore: db.prepare<[string, number], StoredRow>(
      "SELECT * FROM session WHERE register = ? AND seq < ? AND state = 'closed' ORDER BY seq DESC LIMIT 1",
    ),
    closedOn: db.prepare<[string, number, string], StoredRow>(
      `SELECT * FROM session WHERE register = ? AND state = 'closed'
       AND substr(json_extract(doc, '$.shown.business_date'), 1, ?) = ? ORDER BY seq`,
    ),
    // The newest first, which are read most.
    closedBetween: db.prepare<[string, string, string, number], StoredRow>(
      `SELECT * FROM session WHERE register = ? AND state = 'closed'
       AND json_extract(doc, '$.shown.business_date') BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
    ),
    oddlyDated: db.prepare<[string, string, string, number], StoredRow>(
      `SELECT * FROM session WHERE register = ? AND state = 'closed'
       AND json_extract(doc, '$.shown.closed_at') BETWEEN ? AND ?
       AND json_extract(doc, '$.shown.business_date') NOT BETWEEN substr(json_extract(doc, '$.shown.opened_at'), 1, 10)
         AND date(substr(json_extract(doc, '$.shown.closed_at'), 1, 10), '+1 day')
       ORDER BY seq DESC LIMIT ?`,
    ),
    insert: db.prepare<[string, number, string, string, string]>('INSERT INTO session VALUES (?, ?, ?, ?, 0, ?, NULL)'),
    update: db.prepare<[string, string, string]>('UPDATE session SET state = ?, doc = ? WHERE id = ?'),
    setForeign: db.prepare<[string, string]>('UPDATE session SET foreign_cash = ? WHERE id = ?'),
    // For each sale. The index of running sessions follows only the columns that are named here.
    addCash: db.prepare<[number, string]>('UPDATE session SET cash = cash + ? WHERE id = ?'),
  }
}
