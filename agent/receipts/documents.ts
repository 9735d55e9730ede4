import type { Json } from '../canonical.ts'
import type { CreateGoods, Payment } from '../contract/goods.ts'

/** A document as it lies in the journal, with the agent's own members (`$…`) where it has them. */
export type Members = { readonly [member: string]: Json | undefined }

/** What a receipt is made of. ONLINE operations have no register and no location: empty objects. */
export type ReceiptDocuments = { operation: Members; merchant: Members; location: Members; register: Members }

/** The members of a goods movement that a receipt reads. */
export type Goods = {
  total_amount: string
  tip_amount: string
  line_items: readonly GoodsLine[]
  cart_level_discounts?: readonly Discount[]
  payments?: readonly Payment[]
}
export type GoodsLine = CreateGoods['line_items'][number]
export type Discount = NonNullable<GoodsLine['discounts']>[number]

/** The member as text, or undefined when it is absent, null or blank. */
export function textOf(document: Members, member: string): string | undefined {
  const value = document[member]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The member as an object; empty when it is absent or null. */
export function membersOf(document: Members, member: string): Members {
  return (document[member] ?? {}) as Members
}
