import { DAY_MS, FIRST_MS, LAST_MS, localDate, PLAUSIBLE_MS, parseRfc3339, rfc3339 } from '../../../../base/clock.ts'
import { toCents } from '../../../../base/money.ts'
import type { Register } from '../../../contract/register.ts'
import type { DocumentOf } from '../../../journal/documents/document.ts'
import { allRegisters } from '../../../journal/documents/registers.ts'
import { bodyOf } from '../../../journal/events.ts'
import type { SessionRow } from '../../../journal/projections/sessions.ts'
import { postedDate } from '../../session-date.ts'
import { FACTS } from '../facts.ts'
import type { ClosingSpan } from './bon-times.ts'
import type { JournalReads, SessionSpan } from './journal-bons.ts'
import type { Range } from './posting-day.ts'
import { datesOf, inWholeDays, partOfDay, periodRange, postedMs } from './posting-day.ts'
import { DsfinvkRefusedError } from './refused.ts'

const { timeZone } = FACTS
const PAGE = 200
/** No business date was ever wrong that often. */
const ODD_MAX = 10_000
/** Closings of a register that are examined; with more, the package itself finds out what exists. */
const LOOKED_AT = 50
/** A session gets its number with its close. */
const UNNUMBERED = 0

/** A closed session of a register: its place in the journal and the moment of its Kassenabschluss. */
export type ClosedSession = SessionSpan &
  ClosingSpan & {
    number: number
    /** The event of the close: master data changed by it belong to the next session. */
    closedSeq: number
    document: DocumentOf<'session'>
    /** The balance that the previous session left in the drawer. */
    leftCents: bigint | undefined
    /** Z_ERSTELLUNG of the previous closing, in ms since 1970; the earliest time for the first closing. */
    previousMs: number
  }

export type Selection = Range & {
  merchantId?: string | undefined
  registerId?: string | undefined
  /** The last event of its last session is at most this one. */
  untilSeq?: number | undefined
}

/**
 * Closed sessions that are posted in the range, by register and number, and those between them, even if a wrong clock
 * or business date dates these elsewhere: the numbers of a register have no gap in a package (DSFinV-K §§ 4.1, 12.2).
 * Throws DsfinvkRefusedError.
 */
export function* closedSessions(view: JournalReads, selection: Selection): Generator<ClosedSession> {
  const range = inWholeDays(selection)
  for (const register of germanRegisters(view, selection)) {
    const [first, last] = numbersPosted(view, register, range)
    if (last > 0) yield* sessionsBetween(view, register, range, [first, last])
  }
}

/** By number, inclusive. */
function* sessionsBetween(
  view: JournalReads,
  register: Owned,
  { untilSeq }: Selection,
  [first, last]: readonly [first: number, last: number],
): Generator<ClosedSession> {
  let previous: ClosedSession | undefined
  // The sessions before the first one, whose balance and times it needs: one, or more if the clock had lost its time.
  let before: SessionRow[] = []
  for (const row of endedRows(view, register, untilSeq)) {
    const number = Number(row.document.own.z_number)
    if (number > last) return
    if (number < first) {
      if (!isMaybeLost(row)) before = []
      before.push(row)
      continue
    }
    for (const earlier of before.splice(0)) previous = closedSession(view, earlier, previous)
    previous = closedSession(view, row, previous)
    yield previous
  }
}

/** The first and the last number of a closing that is posted in the range; zeros without one. */
function numbersPosted(view: JournalReads, register: Owned, range: Selection): [first: number, last: number] {
  let [first, last] = [0, 0]
  const moments = new ClosingMoments(view)
  for (const row of endedRows(view, register, range.untilSeq)) {
    if (!isPosted(view, row, range, moments)) continue
    const number = Number(row.document.own.z_number)
    first ||= number
    last = number
  }
  return [first, last]
}

/**
 * Closed sessions of a register that were open at some time of the range, and are posted outside of it. Those between the
 * first and the last one posted in it come along with these.
 */
export async function sessionsElsewhere(
  view: JournalReads,
  register: Owned,
  selection: Selection,
  pause: () => Promise<void>,
): Promise<readonly SessionRow[]> {
  const range = inWholeDays(selection)
  const moments = new ClosingMoments(view)
  const elsewhere: SessionRow[] = []
  let [first, last, read, newestMs] = [0, 0, 0, 0]
  for (const row of endedRows(view, register, range.untilSeq)) {
    const number = Number(row.document.own.z_number)
    if (isPosted(view, row, range, moments)) {
      first ||= number
      last = number
    } else if (reachesInto(row, range, moments) || wasInside(view, row, range, newestMs)) elsewhere.push(row)
    newestMs = Math.max(newestMs, openedMs(row), closedMs(row))
    if (++read % PAGE === 0) await pause()
  }
  return elsewhere.filter(({ document }) => {
    const number = Number(document.own.z_number)
    return number < first || number > last
  })
}

/** Only sessions of a clock that had lost its time are examined closely. */
function reachesInto(row: SessionRow, { fromMs, toMs }: Range, moments: ClosingMoments): boolean {
  const [opened, closed] = [openedMs(row), closedMs(row)]
  const isLost = opened < PLAUSIBLE_MS || closed < PLAUSIBLE_MS
  const { beganMs, createdMs } = (isLost ? moments.of(row) : undefined) ?? { beganMs: opened, createdMs: closed }
  // A clock that ran ahead may have dated the opening after the close.
  return Math.min(beganMs, createdMs) < toMs && Math.max(beganMs, createdMs) >= fromMs
}

/**
 * A clock that was set back dates a session where it was not: it was closed after everything that was recorded before it
 * while the clock was right. `newestMs`: the newest time of the sessions before it.
 */
function wasInside(view: JournalReads, row: SessionRow, { fromMs, toMs }: Range, newestMs: number): boolean {
  if (Math.min(openedMs(row), closedMs(row)) >= newestMs && closedMs(row) >= openedMs(row)) return false
  const rightMs = view.rightTimeWithin(0, lastSeqOf(view, row)) ?? 0
  return rightMs >= fromMs && rightMs < toMs
}

/** Only sessions posted on a day that the range cuts are examined closely. */
function isPosted(view: JournalReads, row: SessionRow, range: Range, moments: ClosingMoments): boolean {
  const day = postedDate(view, row, timeZone)
  const part = day === undefined ? 'some' : partOfDay(day, range)
  if (part !== 'some') return part === 'all'
  const created = moments.of(row)
  if (created === undefined) return false
  const ms = postedMs(created.createdMs, day)
  return ms >= range.fromMs && ms < range.toMs
}

/** Merchants with a closing in the range: a quick estimate over years of data. The package examines more closely. */
export function merchantsWithClosings(view: JournalReads, selection: Selection): Set<string> {
  const found = new Set<string>()
  const range = inWholeDays(selection)
  for (const register of germanRegisters(view, selection)) {
    if (!found.has(register.merchant_id) && hasClosing(view, register, range)) found.add(register.merchant_id)
  }
  return found
}

/**
 * True if there are more closings in the range than are examined. Closings without a posting day, made while the clock
 * had lost its time, are dated before it.
 */
function hasClosing(view: JournalReads, { id: registerId }: Register, range: Selection): boolean {
  const { from, to } = datesOf(range)
  const dated = view.closedSessionsBetween(registerId, from, to, LOOKED_AT)
  const lost = view.closedSessionsBetween(registerId, '', localDate(PLAUSIBLE_MS, timeZone), LOOKED_AT)
  if (dated.length === LOOKED_AT || (lost.length === LOOKED_AT && range.toMs > PLAUSIBLE_MS)) return true
  const odd = view.oddlyDatedSessions(registerId, ...closedWithin(range), LOOKED_AT)
  if (odd.length === LOOKED_AT) return true
  const moments = new ClosingMoments(view)
  return [...dated, ...lost.filter(isMaybeLost), ...odd].some(
    (row) => isEndedBy(view, row, range.untilSeq) && isPosted(view, row, range, moments),
  )
}

/** Times of a close that may be dated in the range: a closing is made with its last bon. */
function closedWithin({ fromMs, toMs }: Range): [from: string, to: string] {
  return [rfc3339(Math.max(fromMs - DAY_MS, FIRST_MS)), rfc3339(Math.min(toMs, LAST_MS))]
}

/**
 * Closed sessions of a register by the date that they count by: a day, a month or a year. Among the others only the one
 * before each is read, on demand. Throws DsfinvkRefusedError.
 */
export function* closedSessionsOn(view: JournalReads, registerId: string, period: string): Generator<ClosedSession> {
  const odd = view.oddlyDatedSessions(registerId, ...closedWithin(periodRange(period)), ODD_MAX)
  const dated = view.closedSessionsOn(registerId, period)
  const ids = new Set(dated.map(({ id }) => id))
  const rows = [...dated, ...odd.filter(({ id }) => !ids.has(id))].sort((one, other) => one.seq - other.seq)
  for (const row of rows) {
    if (!countedDate(view, row).startsWith(period)) continue
    const before = view.closedSessionBefore(registerId, row.seq)
    yield closedSession(view, row, before && closedSession(view, before, undefined))
  }
}

/** The date that a closed session counts by in packages and reports (§ 4.1). Throws DsfinvkRefusedError. */
export function countedDate(view: JournalReads, row: SessionRow): string {
  const { shown, own } = row.document
  if (own.origin === 'outside' && shown.business_date !== null) return shown.business_date
  return postedDate(view, row, timeZone) ?? localDate(endOf(view, row).ms, timeZone)
}

/** A session that is not closed, as a closing of its bons up to the newest number would have it. Throws DsfinvkRefusedError. */
export function unclosedSession(view: JournalReads, row: SessionRow, nowMs: number): ClosedSession {
  const before = view.closedSessionBefore(row.register, row.seq)
  const previous = before && closedSession(view, before, undefined)
  const [newest] = view.receipts(row.register, view.lastReceiptNumber(row.register) - 1, 1)
  const lastSeq = Math.max(row.seq, newest?.seq ?? 0)
  return { ...placeOf(row, previous), number: UNNUMBERED, closedSeq: lastSeq, lastSeq, beganMs: 0, createdMs: nowMs }
}

/** The last event of the register's newest session if that is closed, otherwise 0. Throws DsfinvkRefusedError. */
export function lastClosedSeq(view: JournalReads, registerId: string): number {
  const row = view.lastSession(registerId)
  if (row?.state !== 'closed') return 0
  return endOf(view, row).seq
}

/** The last event of a closed session. Throws DsfinvkRefusedError. */
export function lastSeqOf(view: JournalReads, row: SessionRow): number {
  return endOf(view, row).seq
}

/** The last event of the previous session; 0 for the first session. Throws DsfinvkRefusedError. */
export function lastSeqBefore(view: JournalReads, { register, seq }: SessionRow): number {
  const before = view.closedSessionBefore(register, seq)
  return before === undefined ? 0 : endOf(view, before).seq
}

/** When sessions began and were closed, in any range: a reference has the time of its bon's closing. */
export class ClosingMoments {
  readonly #view: JournalReads
  readonly #known = new Map<string, ClosingSpan>()

  constructor(view: JournalReads) {
    this.#view = view
  }

  /** Undefined until it is closed. */
  of(row: SessionRow): ClosingSpan | undefined {
    return isEnded(this.#view, row) ? this.#momentOf(row) : undefined
  }

  /** Throws DsfinvkRefusedError. */
  #momentOf(row: SessionRow): ClosingSpan {
    const known = this.#known.get(row.id)
    if (known !== undefined) return known
    const end = endOf(this.#view, row)
    // Most closings do not need the previous one.
    const isLost = end.ms < PLAUSIBLE_MS || openedMs(row) < PLAUSIBLE_MS
    const moment = spanOf(this.#view, row, end, isLost ? this.#before(row) : undefined)
    this.#known.set(row.id, moment)
    return moment
  }

  #before({ register, seq }: SessionRow): number | undefined {
    const before = this.#view.closedSessionBefore(register, seq)
    return before && this.#momentOf(before).createdMs
  }
}

/** False until a session is closed and the bon of its close has a number. */
export function isEnded(view: JournalReads, row: SessionRow): boolean {
  return row.state === 'closed' && !(view.lastSession(row.register)?.id === row.id && isClosing(view, row))
}

/** {@link isEnded} with that event of the journal, or an earlier one; at any time if none is given. */
export function isEndedBy(view: JournalReads, row: SessionRow, untilSeq: number | undefined): boolean {
  return isEnded(view, row) && (untilSeq === undefined || endOf(view, row).seq <= untilSeq)
}

export function germanRegisters(view: JournalReads, { merchantId, registerId }: Selection): Register[] {
  return allRegisters(view, merchantId)
    .filter(({ id }) => registerId === undefined || id === registerId)
    .filter(({ fiscalization }) => fiscalization?.regime === 'KassenSichV')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

type Owned = Pick<Register, 'id' | 'merchant_id'>

/** The closed sessions of a register from the first that have {@link isEndedBy ended by} an event. */
function* endedRows(view: JournalReads, register: Owned, untilSeq: number | undefined): Generator<SessionRow> {
  const left = new Set<string>()
  let row = view.lastSession(register.id)
  for (; row !== undefined && !isEndedBy(view, row, untilSeq); row = view.closedSessionBefore(register.id, row.seq))
    left.add(row.id)
  for (const each of closedRows(view, register)) if (!left.has(each.id)) yield each
}

function openedMs({ document }: SessionRow): number {
  return parseRfc3339(document.shown.opened_at) ?? 0
}

function closedMs({ document }: SessionRow): number {
  return parseRfc3339(document.shown.closed_at ?? '') ?? 0
}

/** The clock had lost its time at the close; the last bon may have been signed after it was right again. */
function isMaybeLost(row: SessionRow): boolean {
  return closedMs(row) < PLAUSIBLE_MS
}

function* closedRows(view: JournalReads, { id: register, merchant_id: merchant }: Owned): Generator<SessionRow> {
  for (let after = 0; ; ) {
    const page = view.sessions({ merchant, register, state: 'closed' }, after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.seq
  }
}

function closedSession(view: JournalReads, row: SessionRow, previous: ClosedSession | undefined): ClosedSession {
  const end = endOf(view, row)
  return {
    ...placeOf(row, previous),
    number: Number(row.document.own.z_number),
    closedSeq: end.closedSeq,
    lastSeq: end.seq,
    ...spanOf(view, row, end, previous?.createdMs),
  }
}

/** The part that a session has from its opening on. */
function placeOf(row: SessionRow, previous: ClosedSession | undefined) {
  const amountLeft = previous?.document.shown.amount_left
  return {
    registerId: row.register,
    sessionId: row.id,
    openedSeq: row.seq,
    firstSeq: (previous?.lastSeq ?? 0) + 1,
    document: row.document,
    leftCents: typeof amountLeft === 'string' ? toCents(amountLeft) : undefined,
    previousMs: previous?.createdMs ?? FIRST_MS,
  }
}

type End = { closedSeq: number; seq: number; ms: number }

/**
 * A closing made while the clock had lost its time gets the earliest possible time: after everything sold in its
 * session while the clock was right. A clock that ran ahead is not corrected this way: it would move all later closings
 * for as long as it was ahead, and none would be found under its date.
 */
function spanOf(view: JournalReads, row: SessionRow, { closedSeq, ms }: End, previousMs = 0): ClosingSpan {
  const opened = openedMs(row)
  const soldMs = (): number => view.rightTimeWithin(row.seq, closedSeq) ?? 0
  const createdMs = ms < PLAUSIBLE_MS ? Math.max(PLAUSIBLE_MS, opened, previousMs, soldMs()) : ms
  const beganMs = opened < PLAUSIBLE_MS ? Math.max(PLAUSIBLE_MS, previousMs) : opened
  return { createdMs, beganMs: Math.min(beganMs, createdMs) }
}

/** True until the bon of its close has a number: after a crash while its TSE is down. No session begins before that. */
function isClosing(view: JournalReads, row: SessionRow): boolean {
  const close = row.document.own.origin === 'outside' ? undefined : closeOf(view, row)
  return close?.hasBon === true && close.numbered === undefined
}

/**
 * The last event of a session: its close, or the event that numbered the bon of the close. Throws DsfinvkRefusedError.
 */
function endOf(view: JournalReads, row: SessionRow): End {
  const ms = closedMs(row)
  // Bons outside any session, closed automatically, without an operation.
  if (row.document.own.origin === 'outside') return { closedSeq: row.seq, seq: row.seq, ms }
  const close = closeOf(view, row)
  if (close === undefined) throw refused(row, 'its session_close is missing in the journal')
  const { id, seq, hasBon, numbered } = close
  if (!hasBon) return { closedSeq: seq, seq, ms }
  if (numbered === undefined) throw refused(row, `its session_close ${id} is still being settled`)
  return { closedSeq: seq, seq: Math.max(seq, numbered.seq), ms: Math.max(ms, parseRfc3339(numbered.at) ?? 0) }
}

/** The close of a session and the event that numbered its bon. */
function closeOf(view: JournalReads, { id: session, document }: SessionRow) {
  const [close] = view.operations({ merchant: document.shown.merchant_id, session, type: 'session_close' }, 0, 1)
  if (close === undefined) return undefined
  const { id, seq } = close
  const hasBon = view.operation(id)?.law !== undefined
  const numbered = hasBon ? numberedIn(view, id) : undefined
  return { id, seq, hasBon, numbered }
}

/** The event that gave an operation its receipt number. */
function numberedIn(view: JournalReads, id: string): ReturnType<JournalReads['eventsOf']>[number] | undefined {
  return view.eventsOf(id).find((event) => bodyOf(event).receipt !== undefined)
}

function refused({ register, document }: SessionRow, what: string): DsfinvkRefusedError {
  return new DsfinvkRefusedError([{ closing: `${register} Z ${document.own.z_number}`, what, rule: '§ 4.1' }], 1)
}
