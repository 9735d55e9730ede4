import type { GoodsLine } from './order-balance.ts'

/**
 * Acts that bring no turnover, or take it back. `returned_line`: a line of a sale that names the operation it comes from;
 * `minus_line`: one that names none. `unpaid_void`: the void of goods without payments. `elsewhere`: a sale by transfer or
 * online, which some laws do not record. `voucher`: one that was not sold here. `…_ordered`: it settles what was ordered.
 */
export const UNSOLD_KINDS = [
  'cancelled_line',
  'abandoned',
  'discount',
  'gift',
  'zero_sale',
  'void',
  'unpaid_void',
  'return',
  'returned_line',
  'minus_line',
  'empties',
  'order_cancelled',
  'billed_less',
  'staff_ordered',
  'transfer_ordered',
  'staff',
  'transfer',
  'training',
  'voucher',
  'agency',
  'elsewhere',
  'discount_on_payment',
  'not_collected',
  'drawer',
] as const
export type UnsoldKind = (typeof UNSOLD_KINDS)[number]

/** One act. `cents` and `cash` have no sign. */
export type UnsoldAct = {
  readonly kind: UnsoldKind
  /** '' for ONLINE. */
  readonly register: string
  readonly location: string
  readonly session: string | undefined
  readonly atMs: number
  readonly operation: string
  readonly operator: string
  /** '' without a number. */
  bon: string
  readonly cents: bigint
  readonly cash: bigint
  /** The id of the original, or its number in another system. */
  readonly original: string
  readonly reason: string
  /** A return or its line: the original is not in this journal. */
  readonly isUnknown: boolean
  /** A void: a sale over the same amount followed in its session. */
  isResold: boolean
}

export type UnsoldLine = GoodsLine & {
  readonly agency_id?: number
  readonly gift_card_id?: string
  readonly related_operation_id?: string
  readonly external_related_operation?: { readonly external_operation_id?: string }
  readonly discounts?: readonly { readonly amount: string }[]
  readonly cancelled_at?: string
  readonly operator_id?: string
}

/** Payments of a printed document of some law. */
export type TenderedAmount = { readonly kind: 'discount_on_payment' | 'not_collected'; readonly cents: bigint }

/** Cents of goods that were taken away or never sold, the newest last. */
export type Priced = { readonly line: UnsoldLine; readonly cents: bigint }

/**
 * Splits the goods of a basket that ended with nothing: the newest make up its largest sum, the others were taken away
 * before. Each cent is in one of the two.
 */
export function splitBasket(goods: readonly Priced[], largest: bigint): { basket: bigint; taken: Priced[] } {
  const all = goods.reduce((sum, { cents }) => sum + cents, 0n)
  const basket = largest < all ? largest : all
  let left = basket
  const taken: Priced[] = []
  for (const { line, cents } of goods.toReversed()) {
    const within = cents < left ? cents : left
    left -= within
    if (cents > within) taken.unshift({ line, cents: cents - within })
  }
  return { basket, taken }
}
