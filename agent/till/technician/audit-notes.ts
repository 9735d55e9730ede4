import { setImmediate } from 'node:timers/promises'
import { formatCents, toCents } from '../../../base/money.ts'
import { said } from '../../../base/text.ts'
import type { ForeignCashState } from '../../contract/foreign-cash.ts'
import type { ReturnedBeyondSale, VoucherBeyondSale } from '../../contract/hint.ts'
import type { DocumentOf, GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { merchantIds } from '../../journal/documents/merchants.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { beyondHint, cameBack, goodsDocument } from '../../laws/returned-goods.ts'
import { voucherHintsWithin } from '../../laws/used-vouchers.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import { belowZero } from '../../register/session.ts'
import type { AuditNotes, CorrectedCount, IssuedCounts, NotedCount, UnclosedSession } from '../administration.ts'
import type { Exports } from '../exports/exports.ts'
import { lawOfRegister } from '../laws.ts'
import { expectedIn } from '../reading/came-back.ts'
import { begunOperations, openGroups } from './open-work.ts'
import type { Range } from './operations-within.ts'
import { msOf, operationsWithin } from './operations-within.ts'
import { unsettledOriginals } from './unsettled-originals.ts'

type DrawerNote = AuditNotes['drawer_below_zero'][number]

const SESSIONS_READ = 200
const MINUTE_MS = 60_000

type Parts = {
  view: View
  exports: Pick<Exports, 'leftOut' | 'waitingBons'>
  laws: readonly LawRules[]
  receiptLaws: readonly ReceiptLaw[]
}

const NONE_ISSUED: IssuedCounts = { paper: 0, digital: 0, paper_and_digital: 0, e_invoice: 0, none: 0, unsaid: 0 }

/** The facts about a range that an auditor needs in addition to its files. */
export async function auditNotes(
  { view, exports, laws, receiptLaws }: Parts,
  range: Range,
  isIssuedSaid: boolean,
): Promise<AuditNotes> {
  return {
    ...(await unclosedSessions({ view, exports, laws }, range)),
    waiting_bons: exports.waitingBons(range),
    online: await onlineOperations(view, range),
    returned_beyond_sale: await returnedBeyondSales(view, receiptLaws, range),
    drawer_below_zero: await drawersBelowZero(view, range),
    ...(await notedCounts(view, range)),
    issued: isIssuedSaid ? await issuedCounts(view, range) : NONE_ISSUED,
    voucher_beyond_sale: await vouchersBeyondSale(view, range),
    unsettled: await unsettledOriginals(view, receiptLaws, range),
    open_operations: await begunOperations(view, range),
    open_groups: openGroups(view, range),
  }
}

async function unclosedSessions(
  { view, exports, laws }: Pick<Parts, 'view' | 'exports' | 'laws'>,
  range: Range,
): Promise<Pick<AuditNotes, 'left_out' | 'posted_elsewhere' | 'open_sessions'>> {
  const all = await exports.leftOut(range)
  const leftOut = all.filter(({ z_number: z }) => z === undefined)
  const packaged = new Set(leftOut.map(({ register_id: register }) => register))
  const others = view.registersInSession().filter((register) => !packaged.has(register))
  return {
    left_out: leftOut.map((session) => ({ ...session, seq: view.session(session.session_id)?.seq ?? 0 })),
    posted_elsewhere: all.filter(({ z_number: z }) => z !== undefined),
    open_sessions: others.sort().flatMap((register) => unclosedSession(view, laws, register, range)),
  }
}

/** For a law whose books are not packages; sessions left out of a package are reported with it. */
function unclosedSession(view: View, laws: readonly LawRules[], id: string, { to }: Range): UnclosedSession[] {
  const register = view.register(id)?.shown
  const hasPackages = register !== undefined && lawOfRegister(laws, register)?.closingBooks !== undefined
  const row = view.lastSession(id)
  if (row === undefined || hasPackages || msOf(row.document.shown.opened_at) > msOf(to)) return []
  const { id: session, seq } = row
  const { opened_at: openedAt } = row.document.shown
  const { bons, gross } = view.salesIn(session) ?? { bons: 0, gross: 0 }
  const total = formatCents(BigInt(gross))
  return [{ register_id: id, session_id: session, seq, opened_at: openedAt, bons, total_amount: total }]
}

/** By all returns up to the end of the range, for sales with a return within it. */
async function returnedBeyondSales(
  view: View,
  laws: readonly ReceiptLaw[],
  { from, to }: Range,
): Promise<readonly ReturnedBeyondSale[]> {
  const [fromMs, toMs] = [msOf(from), msOf(to)]
  const returnsBySale = new Map<string, { ids: string[]; isOfRange: boolean }>()
  const endMs = ({ shown }: GoodsDocument): number => msOf(shown.completed_at ?? shown.created_at)
  for (const merchant of merchantIds(view)) {
    for await (const { original, document } of cameBack(view, { merchant }, 0)) {
      const atMs = endMs(document)
      if (atMs > toMs) continue
      const returns = returnsBySale.get(original) ?? { ids: [], isOfRange: false }
      returns.ids.push(document.id)
      returns.isOfRange ||= atMs >= fromMs
      returnsBySale.set(original, returns)
    }
  }
  const hints: ReturnedBeyondSale[] = []
  for (const [original, { ids, isOfRange }] of returnsBySale) {
    if (!isOfRange) continue
    const returns = ids.flatMap((one) => goodsDocument(view, one) ?? [])
    const hint = beyondHint({ view, laws }, original, returns, (document) => endMs(document) <= toMs)
    if (hint !== undefined) hints.push(hint)
    await setImmediate()
  }
  return hints
}

/** By all movements of a voucher up to its last use in the range. */
function vouchersBeyondSale(view: View, { from, to }: Range): Promise<readonly VoucherBeyondSale[]> {
  const [fromMs, toMs] = [msOf(from), msOf(to)]
  return voucherHintsWithin(view, (atMs) => atMs >= fromMs && atMs <= toMs)
}

async function drawersBelowZero(view: View, range: Range): Promise<AuditNotes['drawer_below_zero']> {
  const notes: DrawerNote[] = []
  for (const merchant of merchantIds(view)) {
    for (let after = 0, read = SESSIONS_READ; read === SESSIONS_READ; await setImmediate()) {
      const rows = view.sessions({ merchant }, after, SESSIONS_READ)
      read = rows.length
      after = rows.at(-1)?.seq ?? after
      notes.push(...rows.flatMap((row) => drawerNote(row, range)))
    }
  }
  return notes
}

/** For a counted session by its count, otherwise by the current expected amount. */
function drawerNote(row: SessionRow, { from, to }: Range): DrawerNote[] {
  const { id, register, document } = row
  const { opened_at: opened, closed_at: closed } = document.shown
  if (msOf(opened) > msOf(to) || (closed !== null && msOf(closed) < msOf(from))) return []
  const hint = belowZero(id, expectedIn(row))
  return hint === undefined ? [] : [{ ...hint, register_id: register, opened_at: opened }]
}

/** Completed operations without a register: no TSE signed them, and no closing has them. */
async function onlineOperations(view: View, range: Range): Promise<AuditNotes['online']> {
  let [operations, cents] = [0, 0n]
  for await (const id of operationsWithin(view, range, { register: null, status: 'completed' })) {
    operations++
    cents += toCents(goodsDocument(view, id)?.shown.total_amount ?? '0')
  }
  return { operations, total_amount: formatCents(cents) }
}

async function notedCounts(view: View, range: Range): Promise<Pick<AuditNotes, 'corrected_counts' | 'interim_counts'>> {
  const corrected: CorrectedCount[] = []
  const noted: NotedCount[] = []
  for await (const id of operationsWithin(view, range, { type: 'session_cash_count' })) {
    const count = correctedCount(view, id)
    if (count !== undefined) corrected.push(count)
    const note = notedCount(countDocument(view, id))
    if (note !== undefined) noted.push(note)
  }
  return { corrected_counts: corrected, interim_counts: noted }
}

/** Undefined for a count that ended its shift. */
function notedCount(count: DocumentOf<'session_cash_count'> | undefined): NotedCount | undefined {
  if (count === undefined || count.shown.interim !== true) return undefined
  const { register_id, created_at, expected_closing_amount, closing_cashcount_diff } = count.shown
  return {
    register_id: register_id ?? '',
    counted_at: created_at,
    ...countedBy(count),
    expected: expected_closing_amount,
    difference: closing_cashcount_diff,
  }
}

/** Undefined for a first count. */
function correctedCount(view: View, id: string): CorrectedCount | undefined {
  const count = countDocument(view, id)
  const before = countDocument(view, count?.shown.corrects_operation_id ?? '')
  if (count === undefined || before === undefined) return undefined
  const correctedAt = countedAt(count)
  return {
    register_id: count.shown.register_id ?? '',
    corrected_at: correctedAt,
    minutes: Math.floor((msOf(correctedAt) - msOf(countedAt(before))) / MINUTE_MS),
    ...countedBy(count),
    before: countedBy(before),
  }
}

function countedAt({ shown }: DocumentOf<'session_cash_count'>): string {
  return shown.completed_at ?? shown.created_at
}

function countDocument(view: View, id: string): DocumentOf<'session_cash_count'> | undefined {
  const document = view.operation(id)
  return document?.kind === 'session_cash_count' ? document : undefined
}

function countedBy({ id, shown, own }: DocumentOf<'session_cash_count'>): CorrectedCount['before'] {
  return {
    operation_id: id,
    receipt_number: own.receipt_number === undefined ? null : String(own.receipt_number),
    amount: shown.counted_closing_amount,
    ...(shown.foreign_cash && { foreign_cash: shown.foreign_cash.map(foreignAmount) }),
    by: said(shown.operator_name) ?? said(shown.operator_id) ?? null,
  }
}

function foreignAmount({ currency, counted_amount: amount }: ForeignCashState) {
  return { currency, amount: amount ?? '0.00' }
}

/**
 * By reading each operation of the range: the tables do not have it, and a range is seldom longer than an audit. Only
 * customers get a receipt: a movement of the drawer without a word is not one whose word is missing.
 */
async function issuedCounts(view: View, range: Range): Promise<IssuedCounts> {
  const counts = { ...NONE_ISSUED }
  for await (const id of operationsWithin(view, range, { status: 'completed' })) {
    const document = view.operation(id)
    const as = document?.shown.issued_as ?? undefined
    if (as !== undefined) counts[as]++
    else if (document !== undefined && isGoods(document)) counts.unsaid++
  }
  return counts
}
