import { toCents } from '../../../base/money.ts'
import type { Hint } from '../../contract/hint.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isSold } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { namings } from '../used-vouchers.ts'

/** Named operations of one slip: the newest do. */
const NAMED_MAX = 20

/** Slips of a bottle machine that were paid out before: a copy, or a slip that was not taken from the customer. */
export function slipHints(view: View, goods: GoodsDocument): Hint[] {
  if (!paysOut(goods)) return []
  return [...slipsOf(goods)].flatMap((number) => {
    const earlier = namings(view, goods.shown.merchant_id, number)
      .filter(({ document }) => document.id !== goods.id && paysOut(document) && slipsOf(document).has(number))
      .map(({ document }) => document.id)
    const message = `The slip ${number} was paid out before: take paid slips from the customers, and look for a copy.`
    return earlier.length === 0
      ? []
      : [{ code: 'empties_slip_twice', message, operation_ids: earlier.slice(-NAMED_MAX) }]
  })
}

function paysOut(document: GoodsDocument): boolean {
  if (document.kind === 'void' || document.shown.training === true) return false
  return !(isSold(document) && document.own.reversal.state === 'reversed')
}

/** The slips of empties that come back, by the reference of the line or of the operation. */
function slipsOf({ shown }: GoodsDocument): ReadonlySet<string> {
  const whole = 'external_related_operation' in shown ? shown.external_related_operation : undefined
  return new Set(
    shown.line_items.flatMap(({ type, total_amount: total, external_related_operation: own }) =>
      type === 'container_deposit' && toCents(total) < 0n ? ((own ?? whole)?.external_operation_id ?? []) : [],
    ),
  )
}
