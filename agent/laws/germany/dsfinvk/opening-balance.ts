import type { Bon } from './bon.ts'
import { cashPayments } from './payments.ts'

/**
 * The opening of a later session in sums over several sessions: the sums contain its Anfangsbestand already, as the
 * balance of the previous session. Money moved between drawer and safe remains. Undefined if nothing else remains.
 */
export function withoutOpeningBalance(bon: Bon, currency: string): Bon | undefined {
  const lines = bon.lines.filter(({ businessCase }) => businessCase !== 'Anfangsbestand')
  if (lines.length === bon.lines.length) return bon
  if (lines.length === 0) return undefined
  const cents = lines.flatMap(({ vat }) => vat).reduce((sum, share) => sum + share.cents, 0n)
  return { ...bon, lines, payments: cashPayments(cents, currency) }
}
