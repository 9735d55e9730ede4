import type { GoodsLine } from './order-balance.ts'

/**
 * How the chapter counts an act: `summed`; `ordered`, also summed, in the rows of its location instead of its register;
 * `takenBack`: off the sum, because two other kinds have counted it; `apart`: in the turnover, or no money at all.
 */
type Counting = 'summed' | 'ordered' | 'takenBack' | 'apart'

/**
 * Acts that bring no turnover, or take it back. `returned_line`: a line of a sale that names the operation it comes from;
 * `minus_line`: one that names none. `unpaid_void`: the void of goods without payments. `elsewhere`: a sale by transfer or
 * online, which some laws do not record. `voucher`: one that was not sold here. `…_ordered`: it settles what was ordered.
 * `entry`: in an emergency register, `undocumented`: without a document of the law; the turnover leaves both out.
 */
export const UNSOLD_KINDS = {
  cancelled_line: 'summed',
  abandoned: 'summed',
  discount: 'summed',
  gift: 'summed',
  zero_sale: 'apart',
  void: 'summed',
  unpaid_void: 'takenBack',
  return: 'summed',
  returned_line: 'summed',
  minus_line: 'summed',
  empties: 'summed',
  order_cancelled: 'ordered',
  billed_less: 'ordered',
  staff_ordered: 'ordered',
  transfer_ordered: 'ordered',
  staff: 'summed',
  transfer: 'summed',
  training: 'summed',
  voucher: 'apart',
  agency: 'apart',
  elsewhere: 'apart',
  discount_on_payment: 'apart',
  not_collected: 'apart',
  drawer: 'apart',
  entry: 'apart',
  undocumented: 'apart',
} as const satisfies Readonly<Record<string, Counting>>
export type UnsoldKind = keyof typeof UNSOLD_KINDS

/** One act. `cents` and `cash` have no sign; `cents` of an entry and of one without a document do. */
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

/** The lines of an operation, and the discounts of its cart in cents, without sign. */
export type SoldCart = { readonly line_items: readonly UnsoldLine[]; readonly discounts: readonly bigint[] }

/** Payments of a printed document of some law. */
export type TenderedAmount = { readonly kind: 'discount_on_payment' | 'not_collected'; readonly cents: bigint }

/** An operation of some law that none of its documents has. */
export type OutsideAct =
  | { readonly kind: 'entry'; readonly emergency: string }
  | { readonly kind: 'undocumented'; readonly emergency?: undefined }

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
