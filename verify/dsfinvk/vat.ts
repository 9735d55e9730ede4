import { dayBounds, shiftedDate } from '../../base/clock.ts'
import { divideRounded } from '../../base/money.ts'

/** Hundredths of a percent: 1900 is 19 %. */
type Rate = number
type RateFrom = readonly [from: string, rate: Rate]

const ALWAYS = ''
/** The rate of each UST_SCHLUESSEL from a day on, oldest first (§§ 12, 24, 28 UStG; DSFinV-K, Anlage Umsatzsteuerschlüssel). */
const RATES: Readonly<Record<number, readonly RateFrom[]>> = {
  // § 12 Abs. 1; § 28 Abs. 1 in the second half of 2020.
  1: [
    ['2007-01-01', 1900],
    ['2020-07-01', 1600],
    ['2021-01-01', 1900],
  ],
  // § 12 Abs. 2; § 28 Abs. 2 in the second half of 2020.
  2: [
    ['1983-07-01', 700],
    ['2020-07-01', 500],
    ['2021-01-01', 700],
  ],
  // § 24 Abs. 1 Nr. 3.
  3: [
    ['2007-01-01', 1070],
    ['2022-01-01', 950],
    ['2023-01-01', 900],
    ['2024-12-06', 840],
    ['2025-01-01', 780],
  ],
  // § 24 Abs. 1 Nr. 1.
  4: [['2007-01-01', 550]],
  // Not taxable, exempt, not determinable, § 12 Abs. 3.
  5: [[ALWAYS, 0]],
  6: [[ALWAYS, 0]],
  7: [[ALWAYS, 0]],
  8: [[ALWAYS, 0]],
  // Rates of another time, for the return of an old sale.
  11: [[ALWAYS, 1900]],
  12: [[ALWAYS, 700]],
  13: [[ALWAYS, 1070]],
  21: [[ALWAYS, 1600]],
  22: [[ALWAYS, 500]],
  23: [[ALWAYS, 950]],
  33: [[ALWAYS, 900]],
  43: [[ALWAYS, 840]],
}

/** The keys of rates above 0 that are in force at some time. */
const DATED_KEYS = [1, 2, 3, 4]
const OFFICIAL_FORMER = 10
const UNTAXED = 5
const ZONE = 'Europe/Berlin'

/** The time of a sale at a rate, in ms since 1970. */
type RateSpan = { readonly rate: Rate; readonly fromMs: number; readonly untilMs: number }

/**
 * When a sale may have each rate: the days on which the rate was in force, and one on each side, because a table is
 * opened before midnight and the clock of the till decides.
 */
export const RATE_SPANS: readonly RateSpan[] = DATED_KEYS.flatMap((key) => spansOf(RATES[key] ?? []))

function spansOf(rates: readonly RateFrom[]): RateSpan[] {
  return rates.map(([from, rate], at) => {
    const next = rates[at + 1]?.[0]
    const { firstMs } = dayBounds(shiftedDate(from, -1), ZONE)
    return {
      rate,
      fromMs: firstMs,
      untilMs: next === undefined ? Number.POSITIVE_INFINITY : dayBounds(next, ZONE).lastMs,
    }
  })
}

/** True if something that began and ended at these times may have been sold at the rate; at 0 always. */
export function isPlausible(rate: Rate, startMs: number, endMs: number): boolean {
  if (rate === 0) return true
  return RATE_SPANS.some((span) => span.rate === rate && startMs <= span.untilMs && endMs >= span.fromMs)
}

/** vat.csv must have them for every closing. */
export const STANDING_KEYS = [1, 2, 3, 4, 5, 6]

/** The rate of a key on a calendar date; undefined for a key that is not defined. */
export function rateOf(key: number, date: string): Rate | undefined {
  return RATES[key]?.findLast(([from]) => from <= date)?.[1]
}

/**
 * True for a rate above 0 that is not here and that the law may have for a key on a calendar date: from the day after its newest
 * one here. Rates are newer than programs.
 */
export function mayBeNewer(key: number, rate: Rate, date: string): boolean {
  const newest = DATED_KEYS.includes(key) ? RATES[key]?.at(-1) : undefined
  return newest !== undefined && rate > 0 && date > newest[0] && rate !== newest[1]
}

/** True for a rate that some key has, or had. */
export function isRateOfLaw(rate: Rate): boolean {
  return DATED_KEYS.some((key) => RATES[key]?.some(([, former]) => former === rate))
}

/** Keys from here on belong to the company. */
export const OWN_KEYS = 1000
/** Keys of rate 0 that are the company's, and the same for each (§§ 13b, 25, 25a UStG). */
export const ZERO_KEYS: readonly number[] = [1013, 1025, 1026, 1027, 1028]

/**
 * The amount of processData (1 to 5) that contains a key; undefined for a key of the company above 0, which only its
 * configuration knows. A former rate without an official key has one from 1000 on.
 */
export function kindOf(key: number, rate: Rate): number | undefined {
  if (key < OWN_KEYS) return key > OFFICIAL_FORMER ? key % OFFICIAL_FORMER : Math.min(key, UNTAXED)
  if (rate === 0) return UNTAXED
  if (key !== OWN_KEYS + rate) return undefined
  return DATED_KEYS.find((dated) => RATES[dated]?.some(([, former]) => former === rate))
}

/** VAT in a gross amount, in cents, rounded half away from zero. */
export function vatIn(grossCents: bigint, rate: Rate): bigint {
  return divideRounded(grossCents * BigInt(rate), BigInt(10_000 + rate))
}
