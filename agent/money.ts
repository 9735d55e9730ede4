/**
 * Exact decimals. Inside, an amount is a bigint of 10⁻⁸ ("atoms": €1.00 = 100_000_000n) where decimals beyond the
 * cent matter (taxes), and a bigint of cents where the law works in cents. No binary floating point anywhere.
 */
const ATOMS_PER_CENT = 1_000_000n

/** `"1.5"` → 150_000_000n. The text is one of the API's decimal strings: up to 9 digits and 8 decimals. */
export function toAtoms(text: string): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const atoms = BigInt(whole + fraction.padEnd(8, '0'))
  return negative ? -atoms : atoms
}

/** Cents of an amount in atoms; undefined when it is not a whole number of cents. */
export function wholeCents(atoms: bigint): bigint | undefined {
  return atoms % ATOMS_PER_CENT === 0n ? atoms / ATOMS_PER_CENT : undefined
}

/** Cents of a decimal string that is already known to be whole cents. */
export function toCents(text: string): bigint {
  const point = text.length - 3
  // As nearly all amounts are written: no arithmetic is needed.
  if (text[point] === '.') return BigInt(text.slice(0, point) + text.slice(point + 1))
  const cents = wholeCents(toAtoms(text))
  if (cents === undefined) throw new RangeError(`not whole cents: ${text}`)
  return cents
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
  const scaled = divideRounded(numerator * 10n ** BigInt(decimals), denominator)
  const absolute = String(scaled < 0n ? -scaled : scaled).padStart(decimals + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return decimals === 0 ? sign + absolute : `${sign}${absolute.slice(0, -decimals)}.${absolute.slice(-decimals)}`
}
