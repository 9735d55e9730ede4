/** `digits` × 10^-`places`. Money is never a number: 0.1 + 0.2 is not 0.3 there. */
type Decimal = { readonly digits: bigint; readonly places: number }

/** Text such as "4.50"; in the contract amounts of whole cents have two decimals. */
export type Money = string

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/
const CENT_PLACES = 2

/** Throws TypeError for anything but decimal text: the caller passed a number, or text with a comma. */
export function decimalOf(value: unknown, name: string): Decimal {
  const [, sign = '', whole = '', part = ''] = (typeof value === 'string' && DECIMAL.exec(value)) || []
  if (whole === '') throw new TypeError(`${name} must be decimal text such as "4.50", not ${JSON.stringify(value)}`)
  return { digits: BigInt(`${sign}${whole}${part}`), places: part.length }
}

/** A quantity may be a number in the contract. */
export function quantityOf(value: unknown): Decimal {
  return decimalOf(typeof value === 'number' ? String(value) : value, 'quantity')
}

export function centsOf(amount: unknown, name: string): bigint {
  const { digits, places } = decimalOf(amount, name)
  const cents = rounded(digits, 10n ** BigInt(places), CENT_PLACES)
  if (places > CENT_PLACES && cents * 10n ** BigInt(places - CENT_PLACES) !== digits)
    throw new TypeError(`${name} must be whole cents, not ${JSON.stringify(amount)}`)
  return cents
}

/** `above` ÷ `below` in units of 10^-`places`, half away from zero. */
export function rounded(above: bigint, below: bigint, places: number): bigint {
  const scaled = 2n * above * 10n ** BigInt(places)
  const half = above < 0n ? -below : below
  return (scaled + half) / (2n * below)
}

export function moneyOf(cents: bigint): Money {
  const digits = String(cents < 0n ? -cents : cents).padStart(CENT_PLACES + 1, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -CENT_PLACES)}.${digits.slice(-CENT_PLACES)}`
}
