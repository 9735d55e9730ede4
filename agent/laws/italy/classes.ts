import { absolute, divideRounded, toAtoms } from '../../../base/money.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import type { Tender } from '../../contract/payment.ts'
import { sumOf } from '../../register/cart-discount.ts'
import type { Tendered } from './payments.ts'
import { NUMBERS } from './tenders.ts'

/** Names of the classes in a closing. */
const NAMES: Readonly<Record<Tender, string>> = {
  contanti: 'Contanti',
  non_riscosso_beni: 'Non riscosso beni',
  assegni: 'Assegni',
  elettronico: 'Carte elettroniche',
  ticket: 'Tickets',
  non_riscosso_servizi: 'Non riscosso servizi',
  non_riscosso_fatture: 'Non riscosso fatture',
  non_riscosso_ssn: 'Non riscosso DCR SSN',
  sconto_a_pagare: 'Sconto a pagare',
  buono_multiuso: 'Buoni multiuso',
  buono_celiachia: 'Buoni celiachia',
}
const BY_NUMBER = new Map<number, string>(
  (Object.keys(NAMES) as Tender[]).map((tender) => [NUMBERS[tender], NAMES[tender]]),
)
const { contanti: CASH } = NUMBERS
/** Carte elettroniche: the office compares it with what acquirers report. */
export const { elettronico: ELECTRONIC } = NUMBERS
const ONE = 100_000_000n

/** A printer may have more payments than the factory table. */
export function className(tender: number): string {
  return BY_NUMBER.get(tender) ?? `Pagamento ${tender}`
}

/** The amount of a sale or return in each class: change is deducted from the cash, money paid out is negative. */
export function classesOf(document: RtDocument): Tendered[] {
  if (document.kind !== 'sale' && document.kind !== 'return') return []
  const sign = document.kind === 'return' ? -1n : 1n
  const paid = document.payments.map(({ tender, amountCents, count }) => ({
    ...{ tender, cents: sign * amountCents },
    ...(count !== undefined && { count }),
  }))
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
