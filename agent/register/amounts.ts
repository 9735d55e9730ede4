import { formatAtoms, formatCents, toAtoms, wholeCents } from '../../base/money.ts'
import { FiskalError } from '../errors.ts'

/** Throws `currency_not_supported` for anything but the euro, the only currency of the laws served. */
export function refuseForeignCurrency(currency: string): void {
  if (currency !== 'EUR') throw foreignCurrency(currency)
}

export function foreignCurrency(currency: string): FiskalError {
  return new FiskalError('currency_not_supported', `The register books in EUR, not in ${currency}.`, { currency })
}

/** Cents of a decimal string; throws `amount_mismatch` if it is not a whole number of cents. */
export function centsOf(amount: string, pointer: string): bigint {
  const cents = wholeCents(toAtoms(amount))
  if (cents !== undefined) return cents
  throw new FiskalError('amount_mismatch', `${pointer} must be whole cents, not ${amount}.`, { pointer, amount })
}

/** Two decimals, more only if the amount has them. */
export function amountText(atoms: bigint): string {
  const cents = wholeCents(atoms)
  return cents === undefined ? formatAtoms(atoms) : formatCents(cents)
}

/** The books round a smaller quantity to 0: they have three decimals (MENGE of DSFinV-K), rounded half up. */
export const QUANTITY_MIN = 0.0005

/** A quantity in units of 10⁻⁸. */
export function unitsOf({ quantity }: { readonly quantity: number | string }): bigint {
  return toAtoms(String(quantity))
}

/** True for a decimal string with a sign. */
export function isMinus(decimal: string): boolean {
  return decimal.startsWith('-')
}
