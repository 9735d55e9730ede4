import type { Goods } from './demo-shift.ts'
import { shortened } from './demo-words.ts'

/** Price in cents, the percent of its VAT, and further members of its line. */
export type Article = {
  readonly sku: string
  readonly title: string
  readonly cents: number
  readonly percent: number
  /** The tax of a line without VAT, if it is not the usual one of the shop. */
  readonly untaxed?: object
  /** Given away: its price is on the line, and nothing is paid for it. */
  readonly isGift?: true
  readonly more?: object
}
/** A line: half a plate is 0.5, a negative quantity is taken back. */
export type Entry = readonly [quantity: number, article: Article]

/** Characters of the goods of an operation. */
const WORDS_MAX = 66

/** `1250` is `12.50`. */
export function euros(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `IVA 22 %`. */
export function vatOf(word: string, percent: number): object {
  return { name: `${word} ${percent} %`, rate: (percent / 100).toFixed(2) }
}

export function grossOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, [quantity, { cents, isGift }]) => sum + (isGift ? 0 : Math.round(quantity * cents)), 0)
}

/** The goods of a request: prices are gross. `taxed` names the tax of an article. */
export function basketOf(entries: readonly Entry[], taxed: (article: Article) => object): Goods {
  const total = grossOf(entries)
  const tax = entries.reduce((sum, entry) => sum + taxOf(entry), 0)
  return {
    pretax_amount: euros(total - tax),
    tax_amount: euros(tax),
    total_amount: euros(total),
    line_items: entries.map((entry) => lineOf(entry, taxed)),
  }
}

/** `2 Pils 0,4 l, 1 Wiener Schnitzel`. */
export function inWords(entries: readonly Entry[]): string {
  return shortened(entries.map(([quantity, { title }]) => `${quantity} ${title}`).join(', '), WORDS_MAX)
}

function lineOf(entry: Entry, taxed: (article: Article) => object): object {
  const [quantity, article] = entry
  const { sku, title, cents } = article
  return {
    sku_identifier: sku,
    title,
    quantity,
    unit_price: euros(cents),
    total_amount: euros(grossOf([entry])),
    ...article.more,
    taxes: [{ ...taxed(article), tax_amount: euros(taxOf(entry)) }],
  }
}

function taxOf(entry: Entry): number {
  const cents = grossOf([entry])
  const { percent } = entry[1]
  return Math.sign(cents) * Math.round((Math.abs(cents) * percent) / (100 + percent))
}
