import type { Goods } from '../../../demo-shift.ts'

/** Price in cents, the percent of its VAT, and further members of its line. */
export type Article = {
  readonly sku: string
  readonly title: string
  readonly cents: number
  readonly percent: 0 | 7 | 19
  readonly more?: object
}
/** A line of an order: half a plate is 0.5, a negative quantity is taken back. */
export type Entry = readonly [quantity: number, article: Article]

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

/** `1250` is `12.50`. */
export function euros(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function grossOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, [quantity, { cents }]) => sum + Math.round(quantity * cents), 0)
}

/** The goods of a request: prices are gross. */
export function basket(entries: readonly Entry[]): Goods {
  const total = grossOf(entries)
  const tax = entries.reduce((sum, entry) => sum + taxOf(entry), 0)
  return {
    pretax_amount: euros(total - tax),
    tax_amount: euros(tax),
    total_amount: euros(total),
    line_items: entries.map(lineOf),
  }
}

function lineOf(entry: Entry): object {
  const [quantity, article] = entry
  const { sku, title, cents, percent } = article
  return {
    sku_identifier: sku,
    title,
    quantity,
    unit_price: euros(cents),
    total_amount: euros(grossOf([entry])),
    ...article.more,
    taxes: [{ ...taxed(percent), tax_amount: euros(taxOf(entry)) }],
  }
}

/** Money that only passes through, such as a claim or a lottery ticket, is not taxable. */
function taxed(percent: Article['percent']): object {
  if (percent === 0) return { name: 'nicht steuerbar', rate: '0', code: 'not_taxable' }
  return { name: `USt ${percent} %`, rate: (percent / 100).toFixed(2) }
}

function taxOf(entry: Entry): number {
  const cents = grossOf([entry])
  const { percent } = entry[1]
  return Math.sign(cents) * Math.round((Math.abs(cents) * percent) / (100 + percent))
}
