import type { CreateGoods } from '../contract/goods.ts'
import type { Location } from '../contract/location.ts'
import type { Merchant } from '../contract/merchant.ts'
import type { Register } from '../contract/register.ts'
import type { DocumentOf, OperationDocument } from '../journal/documents/document.ts'
import type { PaymentDocument } from '../register/goods-document.ts'

/** The seller and the location. For ONLINE operations register and location are empty objects. */
export type ShopDocuments = {
  merchant: Partial<Merchant>
  location: Partial<Location>
  register: Partial<Register>
}

/** The document of a receipt or slip. */
export type Subject = OperationDocument | DocumentOf<'closing' | 'drawer_opening'>

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
