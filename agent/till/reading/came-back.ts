import { setImmediate } from 'node:timers/promises'
import { toCents } from '../../../base/money.ts'
import type { ClosingHint, ReturnedBeyondSale } from '../../contract/hint.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods, isSold, originalIn } from '../../journal/documents/kinds.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { OperationFilter, View } from '../../journal/projections/view.ts'
import type { ClosingReport } from '../../laws/law.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { returnedBeyond } from '../../register/returned.ts'
import { belowZero } from '../../register/session.ts'
import { RETURNS_MAX, soldDocument } from '../selling/related-operations.ts'
import { voucherHints } from './vouchers.ts'

/** The journal's documents, and the names of their receipts. */
type Books = { view: View; laws: readonly ReceiptLaw[] }

/** A completed operation that returned goods, and its first event. */
export type CameBack = { seq: number; original: string; document: GoodsDocument }

/** The operation types that return goods. */
const TYPES = ['return', 'exchange', 'void'] as const
/** Documents read before yielding to the tills. */
const PORTION = 16
const HINTS_MAX = 1000
const END = Number.MAX_SAFE_INTEGER

/** Findings in the sessions of a report: more returns than goods, drawers below 0.00, vouchers used beyond themselves. */
export async function hintsOf(books: Books, { ids, upTo }: ClosingReport['sessions']): Promise<ClosingHint[]> {
  const { view } = books
  /** With the last of their returns: a later return at another register belongs to that register. */
  const originals = new Map<string, number>()
  const hints: ClosingHint[] = []
  const rows = ids.flatMap((session) => view.session(session) ?? [])
  for (const row of rows) {
    const { id: session } = row
    const { merchant_id: merchant } = row.document.shown
    const hint = belowZero(session, expectedIn(row))
    if (hint !== undefined) hints.push(hint)
    for await (const { seq, original } of cameBack(view, { merchant, session }, 0, upTo))
      originals.set(original, Math.max(seq, originals.get(original) ?? 0))
  }
  for (const [id, last] of originals) {
    const hint = beyondHint(books, id, await returnsOf(view, id, last))
    if (hint !== undefined) hints.push(hint)
    await setImmediate()
  }
  hints.push(...(await voucherHints(view, rows, upTo)))
  return hints.slice(0, HINTS_MAX)
}

/** The expected content of a session's drawer, in cents: by its count, before that by now. */
export function expectedIn({ state, cash, document }: SessionRow): bigint {
  return state === 'open' ? BigInt(cash) : toCents(document.shown.expected_closing_amount ?? '0')
}

/** The hint about returns beyond a sale; undefined without such returns, or if the sale is not in the journal. */
export function beyondHint(
  { view, laws }: Books,
  id: string,
  returns: readonly GoodsDocument[],
): ReturnedBeyondSale | undefined {
  const sale = goodsDocument(view, id)
  if (sale === undefined || sale.shown.training === true) return undefined
  const returned = returns.map((document) => document.shown)
  const beyond = returnedBeyond(sale.shown, returned)
  if (beyond === undefined) return undefined
  const message = `More came back of ${id} than was sold: ${beyond.returned} of ${beyond.sold}, or more pieces of an article.`
  return { code: 'returned_beyond_sale', message, operation_id: id, receipt_number: numberOf(laws, sale), ...beyond }
}

function numberOf(laws: readonly ReceiptLaw[], { shown, own }: GoodsDocument): string | null {
  const { fiscal_information: information } = shown
  const { receiptNumber: number } = own
  const law = information ? laws.find(({ name }) => name === information.regime) : undefined
  if (information && law?.numbersReceipts === true) return law.numberOf(information)
  return number === undefined ? null : String(number)
}

/** The valid returns of a sale, begun up to that event. */
async function returnsOf(view: View, id: string, upTo: number): Promise<GoodsDocument[]> {
  const sale = soldDocument(view, id)
  const row = view.operationRow(id)
  if (sale === undefined || row === undefined) return []
  const { returns, reversal } = sale.own
  const { merchant_id: merchant } = sale.shown
  if (returns.length < RETURNS_MAX) {
    const known = reversal.state === 'reversed' ? [...returns, reversal.by] : returns
    return known.flatMap((one) => {
      const { seq = END } = view.operationRow(one) ?? {}
      const document = goodsDocument(view, one)
      return seq <= upTo && document !== undefined && counts(document) ? [document] : []
    })
  }
  const found: GoodsDocument[] = []
  for await (const { original, document } of cameBack(view, { merchant }, row.seq, upTo))
    if (original === id) found.push(document)
  return found
}

/** Completed returns, exchanges and voids after an event, up to another; yields to the tills between portions. */
export async function* cameBack(
  view: View,
  filter: Omit<OperationFilter, 'type' | 'status'>,
  from: number,
  upTo = END,
): AsyncGenerator<CameBack> {
  for (const type of TYPES) {
    for (let after = from; after < upTo; ) {
      const end = Math.min(view.operationsUpTo(filter, after) ?? END, upTo)
      const rows = view.operations({ ...filter, type, status: 'completed' }, after, PORTION, end)
      for (const { seq, id } of rows) yield* cameBackBy(view, seq, id)
      after = rows.length < PORTION ? end : (rows.at(-1)?.seq ?? end)
      await setImmediate()
    }
  }
}

function cameBackBy(view: View, seq: number, id: string): CameBack[] {
  const document = goodsDocument(view, id)
  const original = document && originalIn(document)
  return document !== undefined && original !== undefined && counts(document) ? [{ seq, original, document }] : []
}

/** Training moves no goods; a reversed operation does not count; a deposit is never returned beyond itself. */
function counts(document: GoodsDocument): boolean {
  const { status, training } = document.shown
  const isReversed = isSold(document) && document.own.reversal.state === 'reversed'
  return status === 'completed' && training !== true && !isReversed && !takesOffDeposit(document.shown)
}

/** A goods movement or its reversal; undefined for any other document. */
export function goodsDocument(view: View, id: string): GoodsDocument | undefined {
  const document = view.operation(id)
  return document !== undefined && isGoods(document) ? document : undefined
}
