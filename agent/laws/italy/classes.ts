import { absolute, divideRounded, toAtoms } from '../../../base/money.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { sumOf } from '../../register/cart-discount.ts'
import type { Tendered } from './payments.ts'

/** Classes of the printers' payment table, by number. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'Contanti',
  2: 'Non riscosso beni',
  3: 'Assegni',
  4: 'Carte elettroniche',
  5: 'Tickets',
  6: 'Non riscosso servizi',
  7: 'Non riscosso fatture',
  8: 'Non riscosso DCR SSN',
  9: 'Sconto a pagare',
  10: 'Buoni multiuso',
  11: 'Buoni celiachia',
}
const CASH = 1
/** Carte elettroniche: the office compares it with what acquirers report. */
export const ELECTRONIC = 4
const ONE = 100_000_000n

/** A printer may have more payments than the factory table. */
export function className(tender: number): string {
  return NAMES[tender] ?? `Pagamento ${tender}`
}

/** The amount of a sale or return in each class: change is deducted from the cash, money paid out is negative. */
export function classesOf(document: RtDocument): Tendered[] {
  if (document.kind !== 'sale' && document.kind !== 'return') return []
  const sign = document.kind === 'return' ? -1n : 1n
  const paid = document.payments.map(({ tender, amountCents }) => ({ tender, cents: sign * amountCents }))
  const change = sumOf(document.payments.map(({ amountCents }) => amountCents)) - totalOf(document)
  // A document over 0.00 is closed by a payment in cash.
  return change === 0n && paid.length > 0 ? paid : [...paid, { tender: CASH, cents: -sign * change }]
}

/** Cents of a document with lines. */
export function totalOf(document: Extract<RtDocument, { kind: 'sale' | 'return' }>): bigint {
  const lines = document.lines.flatMap(({ unitPriceCents, quantity, adjustments = [] }) => [
    divideRounded(unitPriceCents * absolute(toAtoms(quantity)), ONE),
    ...adjustments.map(({ kind, amountCents }) => (kind === 'discount' ? -amountCents : amountCents)),
  ])
  const deductions = document.kind === 'sale' ? (document.deductions ?? []) : []
  return sumOf([...lines, ...deductions.map(({ amountCents }) => -amountCents)])
}
