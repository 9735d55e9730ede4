import { setImmediate } from 'node:timers/promises'
import { toCents } from '../../../base/money.ts'
import type { ClosingHint, ReturnedBeyondSale } from '../../contract/hint.ts'
import type { OperationDocument } from '../../journal/documents.ts'
import { operationDocument } from '../../journal/documents.ts'
import type { OperationFilter, View } from '../../journal/projections/view.ts'
import type { ClosingReport } from '../../laws/law.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { returnedBeyond } from '../../register/returned.ts'
import { belowZero } from '../../register/session.ts'
import { RETURNS_MAX } from '../selling/related-operations.ts'

/** A completed operation by which goods came back, and where it begins in the journal. */
export type CameBack = { seq: number; original: string; document: OperationDocument }

/** How goods come back of a sale. */
const TYPES = ['return', 'exchange', 'void'] as const
/** Documents that are read before the tills have their turn. */
const PORTION = 16
const HINTS_MAX = 1000
const END = Number.MAX_SAFE_INTEGER

/**
 * What the sessions of a report brought to light: sales of which more came back in them than they had, and drawers that
 * should have held less than nothing.
 */
export async function hintsOf(view: View, { ids, upTo }: ClosingReport['sessions']): Promise<ClosingHint[]> {
  /** With the last of their returns: what another register took back later happened there. */
  const originals = new Map<string, number>()
  const hints: ClosingHint[] = []
  for (const session of ids) {
    const { merchant_id: merchant, expected_closing_amount: expected = '0' } = view.session(session)?.doc ?? {}
    if (merchant === undefined) continue
    const hint = belowZero(session, toCents(expected))
    if (hint !== undefined) hints.push(hint)
    for await (const { seq, original } of cameBack(view, { merchant, session }, 0, upTo))
      originals.set(original, Math.max(seq, originals.get(original) ?? 0))
  }
  for (const [id, last] of originals) {
    const hint = beyondHint(view, id, await returnsOf(view, id, last))
    if (hint !== undefined) hints.push(hint)
    await setImmediate()
  }
  return hints.slice(0, HINTS_MAX)
}

/** What came back beyond its sale; undefined if nothing did, or if nothing is known of the sale. */
export function beyondHint(
  view: View,
  id: string,
  returns: readonly OperationDocument[],
): ReturnedBeyondSale | undefined {
  const sale = operationDocument(view, id)
  const beyond = sale && sale.training !== true ? returnedBeyond(sale, returns) : undefined
  if (sale === undefined || beyond === undefined) return undefined
  const { sold, returned } = beyond
  const message = `More came back of ${id} than was sold: ${returned} of ${sold}, or more pieces of an article.`
  return { code: 'returned_beyond_sale', message, operation_id: id, receipt_number: numberOf(sale), ...beyond }
}

function numberOf({ fiscal_information: information, $receipt: number }: OperationDocument): string | null {
  if (information && 'receipt_number' in information) return information.receipt_number
  return number === undefined ? null : String(number)
}

/** All that stands of what came back of a sale, begun up to that event. */
async function returnsOf(view: View, id: string, upTo: number): Promise<OperationDocument[]> {
  const sale = operationDocument(view, id)
  const row = view.operationRow(id)
  if (sale === undefined || row === undefined) return []
  const { $returns: returns = [], $reversed_by: reversal = null, merchant_id: merchant } = sale
  if (returns.length < RETURNS_MAX) {
    const known = reversal === null ? returns : [...returns, reversal]
    return known.flatMap((one) => {
      const { seq = END } = view.operationRow(one) ?? {}
      const document = operationDocument(view, one)
      return seq <= upTo && document !== undefined && counts(document) ? [document] : []
    })
  }
  const found: OperationDocument[] = []
  for await (const { original, document } of cameBack(view, { merchant }, row.seq, upTo))
    if (original === id) found.push(document)
  return found
}

/** Completed returns, exchanges and voids behind an event, up to another; the tills have their turn in between. */
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
  const document = operationDocument(view, id)
  const original = document?.related_operation_id
  return document !== undefined && original !== undefined && counts(document) ? [{ seq, original, document }] : []
}

/** Practice moves no goods; what was reversed stands no longer; a deposit is never given back beyond itself. */
function counts(document: OperationDocument): boolean {
  const { status, training, $reversed_by: reversal = null, $refused: isRefused } = document
  return (
    status === 'completed' && training !== true && reversal === null && isRefused !== true && !takesOffDeposit(document)
  )
}
