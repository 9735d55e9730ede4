import { money } from './tape.ts'

/** The open document of the second printer. Amounts in cents. */

export type Reference = { z: number; number: number; date: string; serial: string | undefined; checks: boolean }
export type Basket = {
  of: Reference | undefined
  rows: { text: string; cents: number; vat: string }[]
  notes: string[]
  paid: { tender: number; cents: number }[]
  subtotalled: boolean
}

const tenderNames = [
  ...['CONTANTI', 'NON RISCOSSO BENI', 'ASSEGNI', 'CARTE ELETTRONICHE', 'TICKETS', 'NON RISCOSSO SERVIZI'],
  ...['NON RISCOSSO FATTURE', 'NON RISCOSSO DCR SSN', 'SCONTO A PAGARE', 'BUONI MULTIUSO', 'BUONI CELIACHIA'],
]
/** Beyond the table a number falls on the last payment. */
export function knownTender(tender: number): number {
  return Math.min(tender, tenderNames.length)
}

export function givesChange(tender: number): boolean {
  return [1, 3, 5].includes(tender)
}

export function freshBasket(of: Reference | undefined, rows: Basket['rows'] = [], paid: Basket['paid'] = []): Basket {
  return { of, rows, notes: [], paid, subtotalled: false }
}

export function totalOf({ rows }: Basket): number {
  return rows.reduce((sum, { cents }) => sum + cents, 0)
}

export function paidOf({ paid }: Basket): number {
  return paid.reduce((sum, { cents }) => sum + cents, 0)
}

/** The last line less its later discounts. */
export function lastGoods({ rows }: Basket): number {
  const from = rows.findLastIndex(({ vat }) => !vat.startsWith('~'))
  return rows.slice(from).reduce((sum, { cents }) => sum + cents, 0)
}

/** The cash that the drawer gains. */
export function cashOf(basket: Basket): number {
  const change = paidOf(basket) - totalOf(basket)
  const cash = basket.paid.reduce((sum, { tender, cents }) => sum + (tender === 1 ? cents : 0), 0) - change
  return basket.of ? -cash : cash
}

/** Between head and foot of the paper. */
export function bodyOf(basket: Basket): readonly string[] {
  return [
    ...basket.rows.map(({ text, cents, vat }) => `${text} ${vat} ${money(cents)}`),
    ...basket.notes,
    `TOTALE COMPLESSIVO        ${money(totalOf(basket))}`,
    ...basket.paid.map(({ tender, cents }) => `${tenderNames[tender - 1]} ${money(cents)}`),
  ]
}
