import type { Article, Entry } from '../../../demo-menu.ts'
import { basketOf, vatOf } from '../../../demo-menu.ts'
import type { Goods } from '../../../demo-shift.ts'

const BAR = 10
const GOODS = 22

export const COFFEE: Article = { sku: 'caffe', title: 'Caffè al banco', cents: 132, percent: BAR }
export const CROISSANT: Article = { sku: 'cornetto', title: 'Cornetto', cents: 160, percent: BAR }
export const LUNCH: Article = { sku: 'pranzo', title: 'Pranzo di lavoro', cents: 900, percent: BAR }
export const WATER: Article = { sku: 'acqua', title: 'Acqua minerale, vetro', cents: 500, percent: BAR }
/** Returnable glass is outside VAT. */
export const CRATE: Article = {
  sku: 'vuoto',
  title: 'Vuoto a rendere',
  cents: 250,
  percent: 0,
  untaxed: { name: 'N1', rate: '0', code: 'N1' },
  more: { type: 'container_deposit' },
}
export const BEANS: Article = { sku: 'grani', title: 'Caffè in grani 1 kg', cents: 2440, percent: GOODS }
/** A service has a separate department. */
export const CATERING: Article = {
  sku: 'catering',
  title: 'Servizio catering',
  cents: 24_400,
  percent: GOODS,
  more: { department: 'servizi' },
}

/** On the house: its price is on paper, and nothing is paid for it. */
export const BISCUITS: Article = {
  sku: 'biscotti',
  title: 'Biscotti della casa',
  cents: 300,
  percent: BAR,
  isGift: true,
  more: { type: 'omaggio' },
}

/** The goods of a request. */
export function basket(entries: readonly Entry[]): Goods {
  return basketOf(entries, ({ percent, untaxed }) => {
    return untaxed ?? vatOf('IVA', percent)
  })
}
