import type { CreateGoods } from '../contract/goods.ts'
import type { Location } from '../contract/location.ts'
import type { Merchant } from '../contract/merchant.ts'
import type { Register } from '../contract/register.ts'
import type { DocumentOf, OperationDocument } from '../journal/documents/document.ts'
import type { Members } from '../journal/events.ts'
import type { PaymentDocument } from '../register/goods-document.ts'

/** Who sold, and where. ONLINE operations have no register and no location: empty objects. */
export type ShopDocuments = {
  merchant: Partial<Merchant>
  location: Partial<Location>
  register: Partial<Register>
}

/** What a receipt or slip is of. */
export type Subject = OperationDocument | DocumentOf<'closing' | 'drawer_opening'>

/** As the journal holds them. */
export function shopDocuments(found: Readonly<Record<keyof ShopDocuments, Members>>): ShopDocuments {
  return found as ShopDocuments
}

/** The amounts, lines and payments of a goods movement. */
export type Goods = {
  pretax_amount: string
  tax_amount: string
  tip_amount: string
  total_amount: string
  line_items: readonly GoodsLine[]
  cart_level_discounts?: readonly Discount[]
  payments: readonly PaymentDocument[]
}
export type GoodsLine = CreateGoods['line_items'][number]
export type Discount = NonNullable<GoodsLine['discounts']>[number]
