import { withoutZeros } from '../../../base/money.ts'

/**
 * German VAT kinds of processData, in the order of DSFinV-K Annex I: B1 general, B2 reduced, B3 average rate
 * § 24 (1) no. 3 UStG, B4 average rate § 24 (1) no. 1, B5 zero, exempt or not taxable. The bucket is the kind, never
 * the number: 16 % and 5 % of 2020 were general and reduced.
 */
type DatedRate = { bucket: 1 | 2 | 3 | 4; rate: string; from: string; to: string }

const ALWAYS = '9999-12-31'
const RATES: readonly DatedRate[] = [
  { bucket: 1, rate: '0.19', from: '2007-01-01', to: '2020-06-30' },
  { bucket: 1, rate: '0.16', from: '2020-07-01', to: '2020-12-31' },
  { bucket: 1, rate: '0.19', from: '2021-01-01', to: ALWAYS },
  { bucket: 2, rate: '0.07', from: '1983-07-01', to: '2020-06-30' },
  { bucket: 2, rate: '0.05', from: '2020-07-01', to: '2020-12-31' },
  { bucket: 2, rate: '0.07', from: '2021-01-01', to: ALWAYS },
  { bucket: 3, rate: '0.107', from: '2007-01-01', to: '2021-12-31' },
  { bucket: 3, rate: '0.095', from: '2022-01-01', to: '2022-12-31' },
  { bucket: 3, rate: '0.09', from: '2023-01-01', to: '2024-12-05' },
  { bucket: 3, rate: '0.084', from: '2024-12-06', to: '2024-12-31' },
  { bucket: 3, rate: '0.078', from: '2025-01-01', to: ALWAYS },
  { bucket: 4, rate: '0.055', from: '2007-01-01', to: ALWAYS },
]
/** The reason of a zero rate; `exempt` by default. */
export const ZERO_RATE_CODES: readonly string[] = ['exempt', 'not_taxable', 'zero_rated']

export type Bucket = 1 | 2 | 3 | 4 | 5

/**
 * The bucket of a rate on a calendar date (`YYYY-MM-DD`, Europe/Berlin), or undefined if it is not a German rate. A
 * return may carry any rate that was ever in force: the goods were sold then.
 */
export function bucketOf(rate: string, date: string, anyDate: boolean): Bucket | undefined {
  const wanted = withoutZeros(rate)
  if (wanted === '0') return 5
  return RATES.find((row) => row.rate === wanted && (anyDate || (row.from <= date && date <= row.to)))?.bucket
}

/** True if the reason code may accompany the rate: only a zero rate has one. */
export function codeFits(rate: string, code: string | undefined): boolean {
  return code === undefined || (withoutZeros(rate) === '0' && ZERO_RATE_CODES.includes(code))
}
