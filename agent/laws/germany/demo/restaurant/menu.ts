import type { Article, Entry } from '../../../demo-menu.ts'
import { basketOf, vatOf } from '../../../demo-menu.ts'
import type { Goods } from '../../../demo-shift.ts'

const FOOD = 7
const DRINK = 19

export const PILS: Article = { sku: 'pils', title: 'Pils 0,4 l', cents: 420, percent: DRINK }
export const WINE: Article = { sku: 'riesling', title: 'Riesling 0,2 l', cents: 650, percent: DRINK }
export const WATER: Article = { sku: 'wasser', title: 'Mineralwasser 0,7 l', cents: 590, percent: DRINK }
export const SPRITZER: Article = { sku: 'schorle', title: 'Apfelschorle 0,5 l', cents: 390, percent: DRINK }
export const SOUP: Article = { sku: 'suppe', title: 'Kürbissuppe', cents: 750, percent: FOOD }
export const SALAD: Article = { sku: 'salat', title: 'Feldsalat', cents: 980, percent: FOOD }
export const SCHNITZEL: Article = { sku: 'schnitzel', title: 'Wiener Schnitzel', cents: 2290, percent: FOOD }
export const NOODLES: Article = { sku: 'spaetzle', title: 'Käsespätzle', cents: 1390, percent: FOOD }
export const CHEESE: Article = { sku: 'platte', title: 'Käseplatte', cents: 2480, percent: FOOD }
export const SUNDAE: Article = { sku: 'eis', title: 'Eisbecher "Himbeere"', cents: 790, percent: FOOD }
/** A menu of 12.90 with two rates is two lines: 70 to 30, the cent to the larger. */
export const MENU: readonly Article[] = [
  { sku: 'menu-meal', title: 'Burgermenü Speise', cents: 903, percent: FOOD },
  { sku: 'menu-drink', title: 'Burgermenü Getränk', cents: 387, percent: DRINK },
]
export const BOTTLE: Article = {
  sku: 'pfand',
  title: 'Pfand Mehrwegflasche',
  cents: 15,
  percent: DRINK,
  more: { type: 'container_deposit' },
}

/** The goods of a request. */
export function basket(entries: readonly Entry[]): Goods {
  return basketOf(entries, taxed)
}

/** Money that only passes through, such as a claim or a lottery ticket, is not taxable. */
function taxed({ percent }: Article): object {
  if (percent === 0) return { name: 'nicht steuerbar', rate: '0', code: 'not_taxable' }
  return vatOf('USt', percent)
}
