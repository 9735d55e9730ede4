import type { CreateGoods } from '../contract/goods.ts'
import type { LawDocument, LocationDocument, MerchantDocument, RegisterDocument } from '../journal/documents.ts'
import type { Members } from '../journal/events.ts'
import type { PaymentDocument } from '../register/goods-document.ts'
import type { ReceiptLaw } from './receipt-law.ts'

/** Who sold, and where. ONLINE operations have no register and no location: empty objects. */
export type ShopDocuments = {
  merchant: Partial<MerchantDocument>
  location: Partial<LocationDocument>
  register: Partial<RegisterDocument>
}

/** What is known beside the documents. */
export type Certification = {
  /** Those that are served. */
  laws: readonly ReceiptLaw[]
  /** Whether the TSE or signature unit of a serial number was journalled as one that no authority has certified. */
  isUncertified: (unitSerial: string) => boolean
}

/** What a receipt is made of: an operation or closing as it lies in the journal. */
export type ReceiptDocuments = ShopDocuments & Certification & { operation: LawDocument }

/** As the journal holds them. */
export function shopDocuments(found: Readonly<Record<keyof ShopDocuments, Members>>): ShopDocuments {
  return found as ShopDocuments
}

/** What the law's device made of it, by law. */
type Facts = NonNullable<LawDocument['fiscal_information']>
export type FactsOf<Law extends Facts['regime']> = Extract<Facts, { regime: Law }>

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
