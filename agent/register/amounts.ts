import { toAtoms, wholeCents } from '../../base/money.ts'
import { FiskalError } from '../errors.ts'

/** Throws `currency_not_supported` for anything but the euro, the only currency of the laws served. */
export function refuseForeignCurrency(currency: string): void {
  if (currency === 'EUR') return
  throw new FiskalError('currency_not_supported', `The register books in EUR, not in ${currency}.`, { currency })
}

/** Cents of a decimal string; throws `amount_mismatch` if it is not a whole number of cents. */
export function centsOf(amount: string, pointer: string): bigint {
  const cents = wholeCents(toAtoms(amount))
  if (cents !== undefined) return cents
  throw new FiskalError('amount_mismatch', `${pointer} must be whole cents, not ${amount}.`, { pointer, amount })
}

/** True for a decimal string with a sign. */
export function isMinus(decimal: string): boolean {
  return decimal.startsWith('-')
}
