import { centsMoved } from '../../../base/money.ts'
import type { InterimCount } from '../../contract/session.ts'
import type { Document, DocumentOf } from './document.ts'

type CashCount = Pick<DocumentOf<'session_cash_count'>, 'shown'>

/** The amount that a count books, in cents: its difference to the expected cash, or to the count that it corrects. */
export function bookedByCount({ shown }: CashCount): bigint {
  return centsMoved(shown.correction_amount ?? shown.closing_cashcount_diff)
}

/** The amount of the count that this one corrects, in cents; undefined for a first count. */
export function correctedCents({ shown }: CashCount): bigint | undefined {
  if (shown.correction_amount === undefined) return undefined
  return centsMoved(shown.counted_closing_amount) - centsMoved(shown.correction_amount)
}

/** The count that a document noted during a shift; undefined for any other document. */
export function interimCountOf(document: Document | undefined): InterimCount | undefined {
  if (document?.kind !== 'session_cash_count' || document.shown.interim !== true) return undefined
  const { shown } = document
  const { counted_closing_amount, expected_closing_amount, closing_cashcount_diff, foreign_cash } = shown
  const { operator_id, operator_name, created_at: counted_at } = shown
  return {
    ...{ counted_closing_amount, expected_closing_amount, closing_cashcount_diff },
    ...(foreign_cash && { foreign_cash }),
    ...(operator_id && { operator_id }),
    ...(operator_name && { operator_name }),
    counted_at,
  }
}
