import { divideRounded, formatCents, toAtoms, toCents } from '../../../base/money.ts'
import { isRate } from './books/rates.ts'
import type { Entry } from './emergency-entries.ts'

type Rate = { readonly rate: string; readonly gross: string; readonly taxable: string; readonly tax: string }
type Named = { readonly name: string; readonly amount: string }

/** The sums of entries, as the portal asks for them. */
export type EntrySums = {
  readonly rates: readonly Rate[]
  readonly natures: readonly { readonly code: string; readonly amount: string }[]
  readonly payments: readonly Named[]
  readonly total: string
}

const ONE = 100_000_000n

/** Without entries that the printer has: its Z counts them. The tax is that of the sum, rounded once. */
export function sumsOf(entries: readonly Entry[]): EntrySums {
  const kinds = new Map<string, bigint>()
  const payments = new Map<string, bigint>()
  let total = 0n
  for (const entry of entries.filter(({ printedAs }) => printedAs === undefined)) {
    for (const [kind, cents] of entry.centsByKind) {
      kinds.set(kind, (kinds.get(kind) ?? 0n) + cents)
      total += cents
    }
    for (const { name, amount } of entry.facts.payments)
      payments.set(name, (payments.get(name) ?? 0n) + toCents(amount))
  }
  const sorted = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    rates: sorted.filter(([kind]) => isRate(kind)).map(([rate, gross]) => taxed(rate, gross)),
    natures: sorted.filter(([kind]) => !isRate(kind)).map(([code, cents]) => ({ code, amount: formatCents(cents) })),
    payments: [...payments]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, cents]) => ({ name, amount: formatCents(cents) })),
    total: formatCents(total),
  }
}

function taxed(rate: string, gross: bigint): Rate {
  const atoms = toAtoms(rate)
  const tax = divideRounded(gross * atoms, ONE + atoms)
  return { rate, gross: formatCents(gross), taxable: formatCents(gross - tax), tax: formatCents(tax) }
}
