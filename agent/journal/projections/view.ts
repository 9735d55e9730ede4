import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../../base/canonical.ts'
import { light, recall } from '../../../base/recent.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'
import type { BookState } from '../books/book-state.ts'
import type { OpenLines } from '../books/open-lines.ts'
import type { KeyBook, KnownTarget, OpenIntent, RunningSession } from '../books/state-maps.ts'
import { stateNow } from '../books/state-record.ts'
import { sessionOf } from '../documents/document.ts'
import { rightBegins, rightTimes } from '../event-table.ts'
import type { ChainMembers, EventBody, KeyKind, SessionSales, StoredEvent, UnhashedEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import { everyId } from '../every-id.ts'
import type { Later } from '../later-work.ts'
import { LaterWork } from '../later-work.ts'
import { portionOf } from '../portion.ts'
import type { Progress } from '../progress.ts'
import { ProgressBook } from '../progress-book.ts'
import type { FirstMerchants, ResourceRow } from './cache.ts'
import { Cache } from './cache.ts'
import { documentReads } from './document-reads.ts'
import { follow, projectedSeq } from './follow.ts'
import { operationReads } from './operation-reads.ts'
import { Projections } from './projections.ts'
import type { SessionFilter, SessionRow } from './sessions.ts'
import type { VoucherEvent } from './vouchers.ts'

/** `print` is that of the request; `running` until it is answered. */
export type ClaimRow = { print: string; seq: number; running: boolean }
/**
 * Synchronous reads of the journal and its projections. Inside a commit they include earlier commits of the same group.
 */
export type View = ReturnType<typeof viewOf>

/** An act whose outcome the journal does not know yet. */
export type IntentRow = OpenIntent
export type KeyRow = {
  readonly id: string
  readonly kind: KeyKind
  readonly register: string | null
  readonly hash: Buffer
  readonly created_at: string
  readonly revoked_at: string | null
  readonly certificate: string | null
}

/**
 * The parts of the reads. Data that is signed, or that an opening depends on, comes from the state, which only events
 * change; lists and ended documents come from the tables. `writeTables` brings the tables to the head before a range of them
 * is read.
 */
export type ViewParts = {
  db: Database
  cache: Cache
  projections: Projections
  state: BookState
  progress: ProgressBook
  later: LaterWork
  writeTables: () => void
  /** Called if a table differs from the state. */
  onDifference?: ((what: string) => void) | undefined
}

export function viewOf(parts: ViewParts) {
  const documents = documentReads(parts)
  return {
    ...eventReads(parts),
    /** How far the requests of a document are. */
    progress: (op: string): Progress => parts.progress.of(op),
    ...documents,
    ...resourceReads(parts, documents),
    ...operationReads(parts),
    ...voucherReads(parts),
    ...sessionReads(parts),
    /** The order lines of a location that are not settled; undefined without any. */
    openLines: (location: string): OpenLines | undefined => parts.state.openLines(location),
    /** The locations with open order lines. */
    openLocations: (): string[] => parts.state.openLocations(),
    ...deviceReads(parts),
    ...keyReads(parts),
  }
}

/** The view of a read-only connection while the writer runs: as of now, except for rows that are written at once. */
export function readingView(db: Database): View {
  const projections = new Projections(db)
  db.transaction(() => follow(db, projections, projectedSeq(db), false))()
  const state = stateNow(db)
  const progress = new ProgressBook(db, state)
  return viewOf({
    db,
    cache: new Cache(),
    projections,
    state,
    progress,
    later: new LaterWork(db),
    writeTables: () => undefined,
  })
}

function ownOf(intents: IntentRow[], later: LaterWork): IntentRow[] {
  return later.open.length === 0 ? intents : intents.filter(({ seq }) => later.ofIntent(seq) === undefined)
}

function eventReads({ db, projections: { claims, pending }, state, later }: ViewParts) {
  const one = db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?')
  const ofOp = db.prepare<[string, number], StoredEvent>(
    "SELECT * FROM event WHERE op = ? AND op <> '' AND seq <= ? ORDER BY seq",
  )
  const newestOfOp = db.prepare<[string, number], StoredEvent>(
    "SELECT * FROM event WHERE op = ? AND op <> '' ORDER BY seq DESC LIMIT ?",
  )
  const nextOfOp = db.prepare<[string, number], StoredEvent>(
    "SELECT * FROM event WHERE op = ? AND op <> '' AND seq > ? ORDER BY seq",
  )
  const anyOfOp = db.prepare<[string, number], { seq: number }>(
    "SELECT seq FROM event WHERE op = ? AND op <> '' AND seq > ? LIMIT 1",
  )
  const lengthOfOp = db.prepare<[string], { length: number | null }>(
    "SELECT sum(octet_length(body)) AS length FROM event WHERE op = ? AND op <> ''",
  )
  const firstOf = db.prepare<[string, string], { op: string; seq: number }>(
    "SELECT op, min(seq) AS seq FROM event WHERE op >= ? AND op < ? || char(1114111) AND op <> '' GROUP BY op",
  )
  const range = db.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
  const naming = db.prepare<[number, number, string], StoredEvent>(
    'SELECT * FROM event WHERE seq >= ? AND seq < ? AND instr(body, ?) ORDER BY seq DESC LIMIT 256',
  )
  const unhashed = db.prepare<[number, number], UnhashedEvent>(
    'SELECT seq, kind, op, at, boot, mono, body FROM event WHERE seq > ? AND seq <= ? ORDER BY seq',
  )
  return {
    event: (seq: number): StoredEvent | undefined => one.get(seq),
    /** The body of an event; empty if there is no such event. */
    bodyAt: (seq: number): EventBody => bodyOf(one.get(seq) ?? { body: '{}' }),
    /**
     * The next events after a seq: at most `limit`, fewer if they are large (`length` characters), none after the last
     * one.
     */
    portionAfter: (seq: number, limit: number, length?: number): StoredEvent[] =>
      portionOf(range.iterate(seq, limit), length),
    /**
     * The newest events from one seq to before another whose bodies contain the text, newest first; a portion of them.
     */
    portionNaming: (text: string, from: number, before: number): StoredEvent[] =>
      portionOf(naming.iterate(from, before, text)),
    /**
     * The next events after a seq up to another, a portion of them, to compute their hashes: reading the hashes as well
     * takes twice the time.
     */
    unhashedPortion: (after: number, upTo: number): UnhashedEvent[] => portionOf(unhashed.iterate(after, upTo)),
    rightTimeWithin: rightTimes(db),
    rightBegin: rightBegins(db),
    eventsOf: (op: string): StoredEvent[] => (op === '' ? [] : ofOp.all(op, Number.MAX_SAFE_INTEGER)),
    /** The next events of `op` after a seq: a portion of them, none after the last one. */
    nextPortionOf: (op: string, after: number): StoredEvent[] =>
      op === '' ? [] : portionOf(nextOfOp.iterate(op, after)),
    /** The newest events of a document, newest first. */
    newestOf: (op: string, most: number): StoredEvent[] => (op === '' ? [] : newestOfOp.all(op, most)),
    /** Each `op` with that prefix, with its first event. */
    firstOf: (prefix: string): { op: string; seq: number }[] => firstOf.all(prefix, prefix),
    /** True if `op` has an event after a seq. */
    isChangedAfter: (op: string, seq: number): boolean => anyOfOp.get(op, seq) !== undefined,
    /** Length of the bodies of the events of `op`, in characters. */
    lengthOf: (op: string): number => (op === '' ? 0 : (lengthOfOp.get(op)?.length ?? 0)),
    /** The claim of a key by its SHA-256 (base64url). */
    claim: (id: string): ClaimRow | undefined => {
      const row = claims.get(id)
      if (row === undefined) return undefined
      const print = row.print ?? printOf(one.get(row.seq))
      return { seq: row.seq, print, running: pending.claimOf(row.seq) !== null }
    },
    /** Without those of a later program, which no one here can conclude. */
    openIntents: (): IntentRow[] => ownOf(state.intents(), later),
    openIntentsOf: (op: string): IntentRow[] => ownOf(state.intentsOf(op), later),
    /** The open intents, those of a later program too: a device may have done any of them. */
    everyIntent: (): IntentRow[] => state.intents(),
    /** The work that a later program left open. */
    laterWork: (): readonly Later[] => later.open,
    /** The reason to refuse a repeated request if a later program made the print of its key. */
    laterPrint: (): Later => later.print,
    /** Set if a later program wrote members of the document that this one does not have. */
    laterOf: (op: string): Later | undefined => later.of(op),
  }
}

function printOf(event: StoredEvent | undefined): string {
  return (event && bodyOf(event).claim?.print) ?? ''
}

/** Rows at random places of their table that a list reads at once, whether they match or not: some 3 ms. */
const RESOURCES_LOOKED_AT = 1000
const END = Number.MAX_SAFE_INTEGER

/** Filters a list of resources; undefined members filter nothing. */
export type ResourceFilter = { merchant?: string | undefined; register?: string | undefined }

function resourceReads(
  { db, cache, projections: { receipts }, state, writeTables }: ViewParts,
  { merchant }: Pick<ReturnType<typeof documentReads>, 'merchant'>,
) {
  const one = db.prepare<[string], ResourceRow>('SELECT * FROM resource WHERE id = ?')
  const list = db.prepare<unknown[], ResourceRow>(
    `SELECT * FROM resource WHERE type = ? AND seq > ? AND seq <= ? AND coalesce(merchant = ?, TRUE) AND coalesce(register = ?, TRUE)
     ORDER BY seq LIMIT ?`,
  )
  const lookedAt = db
    .prepare<[string, number], number>(
      `SELECT seq FROM resource WHERE type = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ${RESOURCES_LOOKED_AT}`,
    )
    .pluck()
  const resources = (type: string, filter: ResourceFilter, after: number, limit: number, upTo = END): ResourceRow[] =>
    list.all(type, after, upTo, filter.merchant ?? null, filter.register ?? null, limit)
  const merchants = (): FirstMerchants =>
    (cache.merchants ??= firstOf(everyId({ resources }, 'merchant'), (id) => merchant(id)?.shown.status))
  return {
    resource: (id: string): ResourceRow | undefined => recall(cache.resources, id, (id) => light(one.get(id))),
    /** Resources after a seq, up to another. */
    resources,
    /** The ids of the first two active merchants, the oldest first. */
    firstMerchants: (): readonly string[] => merchants().active,
    /** The first merchant ever, whether it is active or not. */
    eldestMerchant: (): string | undefined => merchants().seen[0],
    /** The seq up to which a list reads resources at once; undefined if all others fit. */
    resourcesUpTo: (type: string, after: number): number | undefined => lookedAt.get(type, after),
    /** The number of the register's next receipt. */
    nextReceiptNumber: (register: string): number => state.nextReceipt(register),
    /** The last number that the register gave; 0 before its first. Numbers between it and the next were set aside. */
    lastReceiptNumber: (register: string): number => state.lastReceipt(register),
    /** Receipts of a register with this number or a later one. */
    receiptsFrom: (register: string, number: number): number => {
      writeTables()
      return receipts.countFrom(register, number)
    },
    /** Receipts of a register in the order of their numbers: the event that completed each. */
    receipts: (register: string, after: number, limit: number): { number: number; seq: number }[] => {
      writeTables()
      return receipts.range(register, after, limit)
    },
    /** The state that a chaining law carries from one receipt of the register to the next. */
    chainState: (register: string): ChainMembers | undefined => state.chainOf(register),
  }
}

/** Two: whether there is but one. */
const MERCHANTS_NEEDED = 2

function firstOf(ids: Iterable<string>, statusOf: (id: string) => string | undefined): FirstMerchants {
  const [active, seen]: [string[], string[]] = [[], []]
  for (const id of ids) {
    seen.push(id)
    if (statusOf(id) !== 'inactive') active.push(id)
    if (active.length === MERCHANTS_NEEDED) break
  }
  return { active, seen }
}

function voucherReads({ projections: { vouchers }, writeTables }: ViewParts) {
  return {
    /** The events that name a voucher with that number, in their order; few other numbers have the same. */
    eventsOfVoucher: (number: string): VoucherEvent[] => {
      writeTables()
      return vouchers.of(number)
    },
    /** The events after a seq up to another that name a voucher. */
    voucherEvents: (after: number, upTo: number, limit: number): VoucherEvent[] => {
      writeTables()
      return vouchers.between(after, upTo, limit)
    },
  }
}

function sessionReads({ projections: { sessions }, state, onDifference }: ViewParts) {
  return {
    session: (id: string): SessionRow | undefined => {
      const [running, row] = [state.session(id), sessions.get(id)]
      if (running === undefined) return over(row)
      if (row?.state !== running.state || row.cash !== running.cash || isOther(row.foreign, running.foreign))
        onDifference?.(`session ${id}`)
      return rowOf(running)
    },
    /** The sales of a running session, by the events. */
    salesIn: (id: string): SessionSales | undefined => state.salesIn(id),
    /** The register's newest session, whatever its state. */
    lastSession: (register: string): SessionRow | undefined => {
      const running = state.sessionOf(register)
      return running === undefined ? over(sessions.last(register)) : rowOf(running)
    },
    /** The same without its document, for every sale. */
    lastSessionState: (register: string): { id: string; state: string } | undefined =>
      state.sessionOf(register) ?? over(sessions.lastState(register)),
    /** Sessions after a seq, up to another. */
    sessions: (filter: SessionFilter, after: number, limit: number, upTo = END): SessionRow[] =>
      sessions.list(filter, after, limit, upTo),
    /** The seq up to which a list reads sessions at once; undefined if all others fit. */
    sessionsUpTo: (filter: SessionFilter, after: number): number | undefined => sessions.upTo(filter, after),
    /** Registers that have a session which is not closed. */
    registersInSession: (): string[] => [...new Set(Array.from(state.sessions(), ({ register }) => register))],
    /** Z_NR of the register's next closing. */
    nextZNumber: (register: string): number => state.nextZ(register),
    closedSessionBefore: (register: string, seq: number): SessionRow | undefined =>
      sessions.closedBefore(register, seq),
    closedSessionsOn: (register: string, period: string): SessionRow[] => sessions.closedOn(register, period),
    /** The newest first. */
    closedSessionsBetween: (register: string, from: string, to: string, limit: number): SessionRow[] =>
      sessions.closedBetween(register, from, to, limit),
    /** Candidates for a business date that is not possible. */
    oddlyDatedSessions: (register: string, from: string, to: string, limit: number): SessionRow[] =>
      sessions.oddlyDated(register, from, to, limit),
  }
}

function rowOf(running: RunningSession): SessionRow {
  const { id, seq, register, state, cash, foreign } = running
  return { id, seq, register, state, cash, ...(foreign && { foreign }), document: sessionOf(id, running.doc) }
}

function isOther(one: ForeignSums | undefined, other: ForeignSums | undefined): boolean {
  return one !== other && canonicalJson(one ?? null) !== canonicalJson(other ?? null)
}

/** A session that the state does not hold as running is closed, whatever its row says. */
function over<Row extends { state: string }>(row: Row | undefined): Row | undefined {
  return row && { ...row, state: 'closed' }
}

function deviceReads({ projections: { transactions }, state }: ViewParts) {
  return {
    /** Transactions of a device that are open according to the journal, with their operations. */
    deviceTransactions: (device: string): { number: number; op: string }[] => transactions.of(device),
    enrolledSerial: (device: string): string | undefined => state.serialOf(device),
    /** The units of all devices, also of those that the configuration no longer names. */
    enrolments: (): { device: string; serial: string }[] => state.enrolments(),
    /** The targets that have ever acknowledged events of this journal. */
    knownTargets: (): KnownTarget[] => state.targets(),
  }
}

function keyReads({ state }: ViewParts) {
  /** Each request asks for its key. */
  const rows = new WeakMap<KeyBook, KeyRow>()
  const rowOf = (key: KeyBook): KeyRow => {
    const known = rows.get(key)
    if (known !== undefined) return known
    const { hash, certificate = null, ...rest } = key
    const row = { ...rest, certificate, hash: Buffer.from(hash, 'base64url') }
    rows.set(key, row)
    return row
  }
  return {
    key: (id: string): KeyRow | undefined => {
      const key = state.key(id)
      return key && rowOf(key)
    },
    /** The oldest first. */
    keys: (): KeyRow[] => state.keys().map(rowOf),
  }
}

type Read = (...args: unknown[]) => unknown

/** A read of an abandoned database or a failing disk ends in a refusal, never in a wrong answer. */
export function guarded(view: View, guard: (read: Read) => Read): View {
  return Object.fromEntries(Object.entries(view).map(([name, read]) => [name, guard(read as Read)])) as View
}
