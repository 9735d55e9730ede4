import type { Article, Entry } from '../../../demo-menu.ts'
import { basketOf, vatOf } from '../../../demo-menu.ts'
import type { Goods } from '../../../demo-shift.ts'

const DRINK = 20
const FOOD = 10

export const PUNCH: Article = { sku: 'punsch', title: 'Orangenpunsch', cents: 500, percent: DRINK }
/** A cup that is used again follows its drink. */
export const CUP: Article = {
  sku: 'becher',
  title: 'Becher',
  cents: 250,
  percent: DRINK,
  more: { type: 'container_deposit' },
}
export const SAUSAGE: Article = { sku: 'bratwurst', title: 'Bratwurst', cents: 600, percent: FOOD }
export const GINGERBREAD: Article = { sku: 'lebkuchen', title: 'Lebkuchenherz', cents: 400, percent: FOOD }

const VOUCHER_ID = 'PUNSCH-7'

/** A voucher for punch: it is taxed when it is sold, and taken off the goods that it pays. */
export function voucherOf(cents: number): Article {
  const more = { type: 'single_purpose_voucher', gift_card_id: VOUCHER_ID }
  return { sku: 'gutschein', title: 'Gutschein Punsch', cents, percent: DRINK, more }
}

/** An invoice of the office: its VAT is in the books already. */
export function invoiceOf(cents: number, number: string): Article {
  const reference = { external_operation_id: number, kind: 'invoice' }
  const more = { type: 'receivable', external_related_operation: reference }
  return { sku: 'rechnung', title: 'Rechnung', cents, percent: 0, more }
}

/** The goods of a request. */
export function basket(entries: readonly Entry[]): Goods {
  return basketOf(entries, ({ percent }) => {
    return percent === 0 ? { name: '0 %', rate: '0' } : vatOf('USt', percent)
  })
}
