import { absolute, divideRounded, formatRounded, powerOfTen, toAtoms } from '../../base/money.ts'

const ONE = 100_000_000n

/** Exact rational number; the denominator is positive. */
export type Ratio = { numerator: bigint; denominator: bigint }

/** `as_sent` judges a tax amount by the decimals it was sent with; `strict` demands the value of 8 decimals. */
export type TaxPrecision = 'as_sent' | 'strict'

/** Tax contained in a gross total, in atoms: total × rate / (1 + Σ rates). */
export function exactTax(totalAtoms: bigint, rateAtoms: bigint, allRatesAtoms: bigint): Ratio {
  return { numerator: totalAtoms * rateAtoms, denominator: ONE + allRatesAtoms }
}

/**
 * True if the sent amount is the exact one rounded to the decimals it was sent with: at least 2, trailing zeros not
 * counted, a tie either way. Strict: rounded half away from zero to 8 decimals, compared as numbers.
 */
export function isTaxAmount(sent: string, exact: Ratio, precision: TaxPrecision): boolean {
  const atoms = toAtoms(sent)
  if (precision === 'strict') return atoms === divideRounded(exact.numerator, exact.denominator)
  const unit = powerOfTen(8 - decimalsOf(sent))
  return 2n * absolute(atoms * exact.denominator - exact.numerator) <= unit * exact.denominator
}

function decimalsOf(sent: string): number {
  const point = sent.indexOf('.')
  let end = sent.length
  while (end > point + 1 && sent.endsWith('0', end)) end--
  return point < 0 ? 2 : Math.max(2, end - point - 1)
}

/** The right amounts, as error details. */
export function expectedTax(exact: Ratio): { expected_2dp: string; expected_8dp: string } {
  const denominator = exact.denominator * ONE
  return {
    expected_2dp: formatRounded(exact.numerator, denominator, 2),
    expected_8dp: formatRounded(exact.numerator, denominator, 8),
  }
}

/** Sum of exact taxes. Entries of one denominator are added first: a receipt has few different rates. */
export function sumOfTaxes(ratios: readonly Ratio[]): Ratio {
  const byDenominator = new Map<bigint, bigint>()
  for (const { numerator, denominator } of ratios) {
    byDenominator.set(denominator, (byDenominator.get(denominator) ?? 0n) + numerator)
  }
  let sum: Ratio = { numerator: 0n, denominator: 1n }
  for (const [denominator, numerator] of byDenominator) {
    sum = {
      numerator: sum.numerator * denominator + numerator * sum.denominator,
      denominator: sum.denominator * denominator,
    }
  }
  return sum
}

/** True if an amount in atoms differs from an exact one by at most `toleranceAtoms`. */
export function isWithin(atoms: bigint, exact: Ratio, toleranceAtoms: bigint): boolean {
  return absolute(atoms * exact.denominator - exact.numerator) <= toleranceAtoms * exact.denominator
}
