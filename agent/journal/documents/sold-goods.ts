import type { SaleOperation } from '../../contract/operation.ts'
import type { OperationDocument, SoldDocument } from './document.ts'

type Amounts = Pick<SaleOperation, 'pretax_amount' | 'tax_amount' | 'tip_amount' | 'total_amount'>
type Goods = Amounts &
  Pick<
    SaleOperation,
    | 'line_items'
    | 'cancelled_line_items'
    | 'cart_level_discounts'
    | 'payments'
    | 'customer'
    | 'training'
    | 'void_reason'
  >

/** True if a completed reversal undoes it: one that its device has not recorded yet may still be refused. */
export function isReversed(
  view: { operation(id: string): OperationDocument | undefined },
  { own: { reversal } }: SoldDocument,
): boolean {
  return reversal.state === 'reversed' && view.operation(reversal.by)?.shown.status === 'completed'
}

type Paid = { [Name in keyof Goods]: Goods[Name] | undefined }

/** Goods with their payments; an open operation has no payments yet. */
export function soldGoods({
  line_items = [],
  cancelled_line_items,
  cart_level_discounts,
  payments = [],
  pretax_amount = '0',
  tax_amount = '0',
  tip_amount = '0',
  total_amount = '0',
}: Partial<Paid>) {
  const discounts = cart_level_discounts !== undefined && { cart_level_discounts }
  const cancelled = cancelled_line_items !== undefined && { cancelled_line_items }
  return { line_items, ...cancelled, ...discounts, payments, pretax_amount, tax_amount, tip_amount, total_amount }
}
