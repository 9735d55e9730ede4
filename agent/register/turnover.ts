import { toCents } from '../../base/money.ts'
import { lineRules } from './line-types.ts'

type Cart = {
  readonly line_items: readonly {
    readonly type?: string | undefined
    readonly total_amount: string
    readonly agency_id?: number | undefined
  }[]
  /** In cents, without sign. */
  readonly discounts: readonly bigint[]
}
type Case = { readonly name: string; readonly amount: string; readonly agency_id?: number | undefined }

/**
 * The turnover of an operation, in cents: its lines without vouchers, claims, what an agency sold, and tips for the staff. A
 * discount of the cart is in the totals of the lines, unless all of them are vouchers: then the books have it alone.
 */
export function turnoverOf({ line_items: lines, discounts }: Cart): bigint {
  const own = lines.filter(({ agency_id: agency }) => agency === undefined)
  const sold = own.filter(({ type }) => lineRules(type).isTurnover)
  const alone = own.length > 0 && sold.length === 0 ? discounts : []
  return sold.reduce((sum, { total_amount: total }) => sum + toCents(total), 0n) - alone.reduce((a, b) => a + b, 0n)
}

/** The same of the sums of a closing: `names` are the cases that the law's books count as turnover. */
export function turnoverIn(cases: readonly Case[], names: readonly string[]): bigint {
  const own = cases.filter(({ name, agency_id: agency }) => agency === undefined && names.includes(name))
  return own.reduce((sum, { amount }) => sum + toCents(amount), 0n)
}
