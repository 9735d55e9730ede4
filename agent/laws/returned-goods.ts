import { setImmediate } from 'node:timers/promises'
import { toCents } from '../../base/money.ts'
import type { ReturnedBeyondSale } from '../contract/hint.ts'
import type { GoodsDocument } from '../journal/documents/document.ts'
import { isGoods, isSold, originalIn } from '../journal/documents/document.ts'
import type { View } from '../journal/projections/view.ts'
import type { Original } from '../receipts/originals.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import { isGivenBack } from '../register/cart-discount.ts'
import { takesOffDeposit } from '../register/deposits.ts'
import { isDeposit, lineRules } from '../register/line-types.ts'
import { settledCents } from '../register/on-account.ts'
import { RETURNS_MAX, returnedBeyond } from '../register/returned.ts'

/** The journal's documents, and the names of their receipts. */
export type ReturnSources = { view: View; laws: readonly ReceiptLaw[] }

/** A completed operation that returned goods, and its first event. */
export type CameBack = { seq: number; original: string; document: GoodsDocument }

/** True for an operation that was known then; `seq`: its first event. */
export type IsKnown = (document: GoodsDocument, seq: number) => boolean

/** The operations of a merchant, or of one of its sessions. */
type Filter = { merchant: string; session?: string }

/** The operation types that return goods. Sales do so by lines that name an original. */
const TYPES = ['return', 'exchange', 'void'] as const
/** Documents read before yielding to the tills. */
const PORTION = 16
const END = Number.MAX_SAFE_INTEGER

/**
 * The hint about returns beyond a sale, or beyond what was paid of it; undefined without such returns, or if the sale is not
 * in the journal.
 */
export function beyondHint(
  { view, laws }: ReturnSources,
  id: string,
  returns: readonly GoodsDocument[],
  isKnown: IsKnown,
): ReturnedBeyondSale | undefined {
  const sale = goodsDocument(view, id)
  if (sale === undefined || sale.shown.training === true) return undefined
  const returned = returns.map((document) => document.shown)
  const beyond = returnedBeyond(sale.shown, returned, settledOf(view, sale, isKnown))
  if (beyond === undefined) return undefined
  const { unpaid, articles } = beyond
  const dearer = articles.find(({ paid }) => paid !== undefined)
  const sum =
    dearer === undefined
      ? `More came back of ${id} than was sold: ${beyond.returned} of ${beyond.sold}, or more pieces of an article.`
      : `For ${dearer.sku_identifier} of ${id} ${dearer.given_back} was given back, and ${dearer.paid} was paid after its discounts.`
  const message =
    unpaid === undefined ? sum : `For goods of ${id} ${unpaid} more was given back than was paid: its claim is open.`
  return { code: 'returned_beyond_sale', message, operation_id: id, receipt_number: numberOf(laws, sale), ...beyond }
}

/** The money that was paid for the claim of a sale by then, in cents. */
function settledOf(view: View, sale: GoodsDocument, isKnown: IsKnown): bigint {
  if (!isSold(sale)) return 0n
  return sale.own.settlements.reduce((sum, id) => {
    const document = goodsDocument(view, id)
    const isPaid = document !== undefined && counts(document) && isKnown(document, seqOf(view, id))
    return isPaid ? sum + settledCents(document.shown.line_items, sale.id) : sum
  }, 0n)
}

function seqOf(view: View, id: string): number {
  return view.operationRow(id)?.seq ?? END
}

/** The number on a receipt; null without one. */
export function numberOf(laws: readonly ReceiptLaw[], { shown, own }: GoodsDocument): string | null {
  const { fiscal_information: information } = shown
  const { receipt_number: number } = own
  const law = information ? laws.find(({ name }) => name === information.regime) : undefined
  if (information && law?.numbersReceipts === true) return law.numberOf(information)
  return number === undefined ? null : String(number)
}

/** The words of a receipt for an operation that one of its lines names. */
export function paperOf(laws: readonly ReceiptLaw[], document: GoodsDocument): Original {
  const { external_id: externalId, completed_at: endedAt } = document.shown
  return { number: numberOf(laws, document), externalId: externalId ?? null, endedAt: endedAt ?? '' }
}

/** The valid returns of a sale that were known then: begun up to that event, or completed up to a time. */
export async function returnsOf(view: View, id: string, isKnown: IsKnown): Promise<GoodsDocument[]> {
  const sale = view.operation(id)
  const row = view.operationRow(id)
  if (sale === undefined || !isSold(sale) || row === undefined) return []
  const { returns, reversal } = sale.own
  const { merchant_id: merchant } = sale.shown
  if (returns.length < RETURNS_MAX) {
    const ids = reversal.state === 'reversed' ? [...returns, reversal.by] : returns
    return ids.flatMap((one) => {
      const document = goodsDocument(view, one)
      return document !== undefined && counts(document) && isKnown(document, seqOf(view, one)) ? [document] : []
    })
  }
  const documents: GoodsDocument[] = []
  for await (const { original, document, seq } of cameBack(view, { merchant }, row.seq))
    if (original === id && isKnown(document, seq)) documents.push(document)
  return documents
}

/** Completed operations that return goods, after an event, up to another; yields to the tills between portions. */
export async function* cameBack(view: View, filter: Filter, from: number, upTo = END): AsyncGenerator<CameBack> {
  yield* returnsByType(view, filter, from, upTo)
  yield* salesTakingBack(view, filter, from, upTo)
}

async function* returnsByType(view: View, filter: Filter, from: number, upTo: number): AsyncGenerator<CameBack> {
  for (const type of TYPES) {
    for (let after = from; after < upTo; ) {
      const end = Math.min(view.operationsUpTo(filter, after) ?? END, upTo)
      const rows = view.operations({ ...filter, type, status: 'completed' }, after, PORTION, end)
      for (const { seq, id } of rows) for (const returned of returnedBy(view, id)) yield { seq, ...returned }
      after = rows.length < PORTION ? end : (rows.at(-1)?.seq ?? end)
      await setImmediate()
    }
  }
}

/** Sales are found by their lines that name an original. */
async function* salesTakingBack(view: View, filter: Filter, from: number, upTo: number): AsyncGenerator<CameBack> {
  const { merchant, session } = filter
  const opened = session === undefined ? undefined : view.session(session)
  const [next] = opened === undefined ? [] : view.sessions({ merchant, register: opened.register }, opened.seq, 1)
  const seen = new Set<string>()
  const end = Math.min(next?.seq ?? END, upTo)
  for (let after = Math.max(from, opened?.seq ?? 0), read = PORTION; read === PORTION; await setImmediate()) {
    const events = view.voucherEvents(after, end, PORTION)
    read = events.length
    after = events.at(-1)?.seq ?? after
    for (const { op } of events) {
      if (!seen.has(op)) yield* takenBackBy(view, op, filter)
      seen.add(op)
    }
  }
}

function takenBackBy(view: View, op: string, { merchant, session }: Filter): CameBack[] {
  const { seq, type } = view.operationRow(op) ?? {}
  if (type !== 'sale' || seq === undefined) return []
  return returnedBy(view, op).flatMap((returned): CameBack[] => {
    const { merchant_id: owner, session_id: within } = returned.document.shown
    return owner === merchant && (session === undefined || within === session) ? [{ seq, ...returned }] : []
  })
}

/** The originals of an operation that returned goods; none for any other operation. */
export function returnedBy(view: View, id: string): Omit<CameBack, 'seq'>[] {
  const document = goodsDocument(view, id)
  if (document === undefined || !counts(document)) return []
  return returnedOriginals(document).map((original) => ({ original, document }))
}

/** The operations that goods of this one come back from: its original, and those that its lines name. */
export function returnedOriginals(document: GoodsDocument): string[] {
  const { kind, shown } = document
  const originals = new Set<string>()
  const original = takesOffDeposit(shown) ? undefined : originalIn(document)
  if (original !== undefined) originals.add(original)
  // A reversal takes back what its original moved, not what the lines of that came from.
  if (kind === 'void') return [...originals]
  for (const line of shown.line_items) {
    const { related_operation_id: id, type } = line
    // Such lines settle a claim or a deposit.
    if (id === undefined || lineRules(type).isSettlement || isDeposit(line)) continue
    if (isGivenBack(line, toCents(line.total_amount))) originals.add(id)
  }
  return [...originals]
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
