import type { Json } from '../../../base/canonical.ts'
import { withoutZeros } from '../../../base/money.ts'
import { EXEMPT, ZERO_RATE_CODES, zeroRateOf } from './zero-rates.ts'

/**
 * German VAT kinds of processData, in the order of DSFinV-K Annex I: B1 general, B2 reduced, B3 average rate
 * § 24 (1) no. 3 UStG, B4 average rate § 24 (1) no. 1, B5 zero, exempt or not taxable. The bucket is the kind, never
 * the number: 16 % and 5 % of 2020 were general and reduced.
 */
export type Bucket = 1 | 2 | 3 | 4 | 5
/** UST_SCHLUESSEL of a dated rate, which is its bucket. */
export type DatedKey = 1 | 2 | 3 | 4
/** A rate in the format of the API, in force from a day until the next one of its key. */
export type DatedRate = { readonly key: DatedKey; readonly rate: string; readonly from: string }

/** The rates of the law, oldest first (§§ 12, 24, 28 UStG). */
export const LAW_RATES: readonly DatedRate[] = [
  { key: 1, rate: '0.19', from: '2007-01-01' },
  { key: 1, rate: '0.16', from: '2020-07-01' },
  { key: 1, rate: '0.19', from: '2021-01-01' },
  { key: 2, rate: '0.07', from: '1983-07-01' },
  { key: 2, rate: '0.05', from: '2020-07-01' },
  { key: 2, rate: '0.07', from: '2021-01-01' },
  { key: 3, rate: '0.107', from: '2007-01-01' },
  { key: 3, rate: '0.095', from: '2022-01-01' },
  { key: 3, rate: '0.09', from: '2023-01-01' },
  { key: 3, rate: '0.084', from: '2024-12-06' },
  { key: 3, rate: '0.078', from: '2025-01-01' },
  { key: 4, rate: '0.055', from: '2007-01-01' },
]
export const DATED_KEYS: readonly DatedKey[] = [1, 2, 3, 4]

const BUCKETS: ReadonlyMap<string, Bucket> = new Map(LAW_RATES.map(({ rate, key }) => [rate, key]))

/** The meaning of a rate or code of the configuration in an operation; its members are frozen. */
export type VatMeaning = {
  readonly rate: string
  readonly code?: string
  readonly key: number
  readonly bucket: Bucket
  readonly description?: string
  readonly receipt_text?: string
}

/** A code of the configuration, with the one rate that it has. */
export type OwnCode = VatMeaning & { readonly code: string; readonly description: string }

export type Tax = { readonly rate: string; readonly code?: string | undefined }
/** `until`: the day on which the next rate of the key begins; undefined for the newest one. */
type Row = DatedRate & { readonly until: string | undefined; readonly isConfigured: boolean }

/** The rates of the law with those of the configuration, and its codes. For the same key and day the configuration wins. */
export class VatRates {
  /** False if the configuration adds nothing. */
  readonly isConfigured: boolean
  /** True if it adds rates. */
  readonly hasRates: boolean
  readonly zeroRateCodes: readonly string[]
  readonly codes: readonly OwnCode[]
  /** By key, and the newest of each key first: a rate that two keys have is found under the lower one. */
  readonly #rows: readonly Row[]
  readonly #codes: ReadonlyMap<string, OwnCode>

  constructor(rates: readonly DatedRate[], codes: readonly OwnCode[]) {
    this.isConfigured = rates.length + codes.length > 0
    this.hasRates = rates.length > 0
    this.codes = codes
    this.#codes = new Map(codes.map((own) => [own.code, own]))
    this.zeroRateCodes = [...ZERO_RATE_CODES, ...this.#codes.keys()]
    this.#rows = rowsOf(rates)
  }

  /** True for a rate in force on a calendar date; `anyDate`: until then, because goods of an earlier day come back. */
  knows(rate: string, code: string | undefined, date: string, anyDate: boolean): boolean {
    const wanted = withoutZeros(rate)
    if (code !== undefined) {
      if (wanted === '0' && zeroRateOf(code) !== undefined) return true
      return this.#codes.get(code)?.rate === wanted
    }
    if (wanted === '0') return true
    return this.#rows.some((row) => row.rate === wanted && row.from <= date && (anyDate || isInForce(row, date)))
  }

  /** The rates in force on a calendar date, by key. */
  inForce(date: string): readonly DatedRate[] {
    return this.#rows.filter((row) => isInForce(row, date)).map(datedRate)
  }

  /** The rates of the configuration that begin after a calendar date, the first one first. */
  after(date: string): readonly DatedRate[] {
    return this.#rows
      .filter(({ from }) => from > date)
      .map(datedRate)
      .toSorted((a, b) => (a.from < b.from ? -1 : 1))
  }

  /** The key by which goods are grouped on a calendar date; a rate that is history has that of its kind. */
  keyOf({ rate, code }: Tax, date: string): number | undefined {
    const wanted = withoutZeros(rate)
    const own = code === undefined ? undefined : this.#codes.get(code)
    if (own !== undefined) return own.key
    if (wanted === '0') return zeroRateOf(code ?? EXEMPT)?.key
    return this.#rowOf(wanted, [date])?.key
  }

  /** The meaning of a tax of the configuration; undefined if it is one of the law alone. */
  meaningOf({ rate, code }: Tax, days: readonly string[]): VatMeaning | undefined {
    const wanted = withoutZeros(rate)
    if (code !== undefined) {
      const own = this.#codes.get(code)
      return own?.rate === wanted ? own : undefined
    }
    const row = wanted === '0' ? undefined : this.#rowOf(wanted, days)
    return row?.isConfigured === true ? { rate: wanted, key: row.key, bucket: row.key } : undefined
  }

  /** The row of a rate that is in force on one of the days, else one that began before one of them. */
  #rowOf(rate: string, days: readonly string[]): Row | undefined {
    const rows = this.#rows.filter((row) => row.rate === rate)
    for (const day of days) {
      const row = rows.find((one) => isInForce(one, day))
      if (row !== undefined) return row
    }
    return rows.find(({ from }) => days.some((day) => from <= day))
  }
}

/** The rates of the law alone. */
export const LAW = new VatRates([], [])

function isInForce({ from, until }: Row, date: string): boolean {
  return from <= date && (until === undefined || date < until)
}

function datedRate({ key, rate, from }: Row): DatedRate {
  return { key, rate, from }
}

function rowsOf(configured: readonly DatedRate[]): Row[] {
  const isReplaced = (row: DatedRate) => configured.some(({ key, from }) => key === row.key && from === row.from)
  const all = [
    ...LAW_RATES.filter((row) => !isReplaced(row)).map((row) => ({ ...row, isConfigured: false })),
    ...configured.map((row) => ({ ...row, rate: withoutZeros(row.rate), isConfigured: true })),
  ]
  const newestFirst = all.toSorted((a, b) => a.key - b.key || (a.from < b.from ? 1 : -1))
  return newestFirst.map((row, at) => {
    const next = newestFirst[at - 1]
    return { ...row, until: next?.key === row.key ? next.from : undefined }
  })
}

/** The bucket of a tax: as the operation recorded it, else by the law, whose former rates keep their bucket. */
export function bucketOf(tax: Tax | undefined, recorded: Json | undefined): Bucket | undefined {
  if (tax === undefined) return 5
  const rate = withoutZeros(tax.rate)
  if (recorded !== undefined) {
    const meaning = meaningIn(meaningsIn(recorded), tax)
    if (meaning !== undefined) return meaning.bucket
  }
  return rate === '0' ? 5 : BUCKETS.get(rate)
}

/** The member `vat` of the law's state of an operation. */
export function meaningsIn(recorded: Json | undefined): readonly VatMeaning[] {
  return Array.isArray(recorded) ? (recorded as unknown as readonly VatMeaning[]) : []
}

export function meaningIn(meanings: readonly VatMeaning[], { rate, code }: Tax): VatMeaning | undefined {
  const wanted = withoutZeros(rate)
  return meanings.find((one) => one.code === code && one.rate === wanted)
}

/** The rates in force that a closing recorded; undefined without any. */
export function ratesIn(recorded: Json | undefined): readonly DatedRate[] | undefined {
  return Array.isArray(recorded) ? (recorded as unknown as readonly DatedRate[]) : undefined
}
