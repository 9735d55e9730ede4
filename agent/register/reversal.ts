import type { ForeignUnits } from '../contract/payment.ts'
import type { PaymentDocument } from './goods-document.ts'

type Tax = { tax_amount: string }
type Discount = { amount: string }
type Line = {
  unit_price: string
  total_amount: string
  taxes: readonly Tax[]
  discounts?: readonly Discount[] | undefined
}

/** The signed amounts, lines and payments of a completed goods movement. */
export type Reversible<L extends Line = Line, D extends Discount = Discount> = {
  pretax_amount: string
  tax_amount: string
  tip_amount: string
  total_amount: string
  line_items: readonly L[]
  cart_level_discounts?: readonly D[] | undefined
  payments: readonly PaymentDocument[]
}

/** The document of a void: every amount and price has the opposite sign, quantities stay. */
export function reversed<L extends Line, D extends Discount>(original: Reversible<L, D>) {
  return {
    pretax_amount: turned(original.pretax_amount),
    tax_amount: turned(original.tax_amount),
    tip_amount: turned(original.tip_amount),
    total_amount: turned(original.total_amount),
    line_items: original.line_items.map(turnedLine),
    ...(original.cart_level_discounts !== undefined && {
      cart_level_discounts: turnedDiscounts(original.cart_level_discounts),
    }),
    payments: original.payments.map(turnedPayment),
  }
}

/** Foreign cash turns with its value. */
function turnedPayment(payment: PaymentDocument): PaymentDocument {
  if (payment.base_amount === undefined) return { ...payment, amount: turned(payment.amount) }
  return { ...payment, amount: turnedUnits(payment.amount), base_amount: turned(payment.base_amount) }
}

function turnedUnits(units: ForeignUnits): ForeignUnits {
  return turned(units as unknown as string) as unknown as ForeignUnits
}

function turnedLine<L extends Line>(line: L): L {
  return {
    ...line,
    unit_price: turned(line.unit_price),
    total_amount: turned(line.total_amount),
    taxes: line.taxes.map((tax) => ({ ...tax, tax_amount: turned(tax.tax_amount) })),
    ...(line.discounts !== undefined && { discounts: turnedDiscounts(line.discounts) }),
  }
}

function turnedDiscounts<Entry extends Discount>(discounts: readonly Entry[]): Entry[] {
  return discounts.map((discount) => ({ ...discount, amount: turned(discount.amount) }))
}

/** `"4.50"` ⇄ `"-4.50"`, with the same decimals; zero has no sign. */
export function turned(amount: string): string {
  if (amount.startsWith('-')) return amount.slice(1)
  return /^0+(\.0*)?$/.test(amount) ? amount : `-${amount}`
}
