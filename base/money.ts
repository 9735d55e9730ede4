/**
 * Exact decimals. Internally an amount is a bigint of 10⁻⁸ ("atoms": €1.00 = 100_000_000n) if decimals beyond the cent
 * matter (taxes), and a bigint of cents if the law works in cents. No binary floating point anywhere.
 */
export const ATOMS_PER_CENT = 1_000_000n
/** The product of two decimals, such as quantity and price, that is one cent. */
export const SQUARE_ATOMS_PER_CENT = 100_000_000_000_000n

const ATOM_DECIMALS = 8

/** 10⁰ to 10⁸: BigInt's own power takes longer than the rest of a check. */
const POWERS = [1n, 10n, 100n, 1_000n, 10_000n, 100_000n, 1_000_000n, 10_000_000n, 100_000_000n] as const

/** 10 to the power of 0…8. */
export function powerOfTen(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent)
}

/** `"1.5"` → 150_000_000n. The text is one of the API's decimal strings: up to 9 digits and 8 decimals. */
export function toAtoms(text: string): bigint {
  const point = text.indexOf('.')
  const decimals = point < 0 ? 0 : text.length - point - 1
  // The common case: the digits fit a number, and no text is made on the way.
  const digits = text.length <= NUMBER_LENGTH ? wholeNumber(text, point) : undefined
  if (digits !== undefined) return BigInt(digits) * powerOfTen(8 - decimals)
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const atoms = BigInt(whole + fraction.padEnd(8, '0'))
  return negative ? -atoms : atoms
}

/** Up to 9 digits with few enough decimals that all of them together are exact in a number. */
const NUMBER_LENGTH = 9

/** The digits of a decimal string without its point; undefined if it does not have the plain form. */
function wholeNumber(text: string, point: number): number | undefined {
  const negative = text.charCodeAt(0) === MINUS
  let digits = 0
  for (let at = negative ? 1 : 0; at < text.length; at++) {
    if (at === point) continue
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return undefined
    digits = digits * 10 + digit
  }
  return negative ? -digits : digits
}

const MINUS = 0x2d
const ZERO = 0x30

/** Cents of an amount in atoms; undefined if it is not a whole number of cents. */
export function wholeCents(atoms: bigint): bigint | undefined {
  return atoms % ATOMS_PER_CENT === 0n ? atoms / ATOMS_PER_CENT : undefined
}

/** Cents of a decimal string that is known to be whole cents. */
export function toCents(text: string): bigint {
  const point = text.length - 3
  // The common form: no arithmetic is needed.
  if (text[point] === '.') return BigInt(text.slice(0, point) + text.slice(point + 1))
  const cents = wholeCents(toAtoms(text))
  if (cents === undefined) throw new RangeError(`not whole cents: ${text}`)
  return cents
}

/** Cents of a sum that is present only if money moved. */
export function centsMoved(amount: string | null | undefined): bigint {
  return amount == null ? 0n : toCents(amount)
}

/** −500n → `"-5.00"`; zero is never negative. */
export function formatCents(cents: bigint): string {
  const absolute = cents < 0n ? -cents : cents
  return `${cents < 0n ? '-' : ''}${absolute / 100n}.${String(absolute % 100n).padStart(2, '0')}`
}

/** numerator / denominator rounded half away from zero; the denominator is positive. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const absolute = numerator < 0n ? -numerator : numerator
  const rounded = (2n * absolute + denominator) / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** The value rounded half away from zero to `decimals` (0…8) and written with exactly that many. */
export function formatRounded(numerator: bigint, denominator: bigint, decimals: number): string {
  const scaled = divideRounded(numerator * powerOfTen(decimals), denominator)
  const absolute = String(scaled < 0n ? -scaled : scaled).padStart(decimals + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return decimals === 0 ? sign + absolute : `${sign}${absolute.slice(0, -decimals)}.${absolute.slice(-decimals)}`
}

/** A value of 10⁻⁸ without trailing zeros: 50_000_000n → `"0.5"`. */
export function formatAtoms(atoms: bigint): string {
  return withoutZeros(formatRounded(atoms, powerOfTen(ATOM_DECIMALS), ATOM_DECIMALS))
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** A decimal without trailing zeros: `0.20` = `0.2`. */
export function withoutZeros(text: string): string {
  return text.endsWith('0') && text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
