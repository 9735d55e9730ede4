import type { CreateGoods, Payment } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { View } from '../../journal/projections/view.ts'
import { originOfVoucher } from '../../laws/used-vouchers.ts'
import { voucherMoves } from '../../register/vouchers.ts'

/** The goods or the payments of an operation that is not training. */
type Moved = { type: string; line_items?: CreateGoods['line_items']; payments?: readonly Payment[] }

/**
 * Throws `related_operation_invalid` if money is taken off a voucher that exists in training only: nothing made there has
 * an effect on anything real. A number that was also sold is a real one, and an unknown one is from elsewhere.
 */
export function refusePracticeVouchers(view: View, merchant: string, moved: Moved): void {
  const counted = (moved.payments ?? []).map(({ status }) => status)
  for (const { number, takenOff, repaid, putOn } of voucherMoves(moved, counted)) {
    const takes = takenOff > 0n || repaid !== undefined
    if (!takes || putOn > 0n || originOfVoucher(view, merchant, number) !== 'training') continue
    throw new FiskalError(
      'related_operation_invalid',
      `Voucher ${number} was sold in training and never for real: nothing can be taken off it.`,
      { gift_card_id: number },
    )
  }
}
