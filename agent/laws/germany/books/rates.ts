import { formatRounded, powerOfTen, toAtoms, withoutZeros } from '../../../../base/money.ts'
import { RATE_SPANS } from '../../../../verify/dsfinvk/vat.ts'

/** A set of German VAT rates above 0, one bit each. A rate of 0 is always in force, and in no set. */
export type Rates = number

/** From the first to the last moment of a sale, in ms since 1970. */
export type SaleSpan = { readonly startMs: number; readonly endMs: number }

/** The table of the checks, not the one that admits a sale: an error in one of them is found by the other. */
const BITS = bits()
export const NO_RATES: Rates = 0
export const ALL_RATES: Rates = [...BITS.values()].reduce((all, bit) => all | bit, NO_RATES)
/** Each rate with the time in which it was in force. */
const SPANS = RATE_SPANS.map(({ rate, ...span }) => ({ ...span, set: rateSet(decimalOf(rate)) }))
const PLAIN = /^\d{1,9}(\.\d{1,8})?$/

/** The set with this rate alone, in the format of the API (`0.19`); empty for one that was never in force. */
export function rateSet(rate: string): Rates {
  return BITS.get(withoutZeros(rate)) ?? NO_RATES
}

/** The rates that a sale of that time may have. */
export function ratesIn({ startMs, endMs }: SaleSpan): Rates {
  let rates = NO_RATES
  for (const { set, fromMs, untilMs } of SPANS) if (startMs <= untilMs && endMs >= fromMs) rates |= set
  return rates
}

export function isZero(rate: string): boolean {
  return withoutZeros(rate) === '0'
}

/** `0.107` as `10.7 %`; anyone may have edited the text. */
export function percentOf(rate: string): string {
  if (!PLAIN.test(rate)) return rate
  return `${withoutZeros(formatRounded(toAtoms(rate) * 100n, powerOfTen(8), 6))} %`
}

function bits(): ReadonlyMap<string, Rates> {
  const rates = [...new Set(RATE_SPANS.map(({ rate }) => rate))]
  return new Map(rates.map((rate, at) => [decimalOf(rate), 1 << at]))
}

/** Hundredths of a percent as the API writes a rate: 1900 as `0.19`. */
function decimalOf(rate: number): string {
  return withoutZeros(formatRounded(BigInt(rate), 10_000n, 4))
}
