import { centsMoved } from '../../../base/money.ts'
import type { DocumentOf } from './document.ts'

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
