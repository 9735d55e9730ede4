import { divideRounded, toAtoms } from '../../../../base/money.ts'

/** Units of 10⁻⁸ in a basis point (10⁻⁴) of a rate such as `0.19`. */
const ATOMS_PER_BASIS_POINT = 10_000n

/** Hundredths of a percent: 1900 is 19 %. */
type Rate = number
type KeyInForce = { key: 1 | 2 | 3 | 4; rate: Rate; from: string }

/** Rates by the day they came into force, newest first; keys 1 to 4 refer to the rate at the time of the bon. */
const IN_FORCE: readonly KeyInForce[] = [
  { key: 1, rate: 1900, from: '2021-01-01' },
  { key: 1, rate: 1600, from: '2020-07-01' },
  { key: 1, rate: 1900, from: '2007-01-01' },
  { key: 2, rate: 700, from: '2021-01-01' },
  { key: 2, rate: 500, from: '2020-07-01' },
  { key: 2, rate: 700, from: '1983-07-01' },
  { key: 3, rate: 780, from: '2025-01-01' },
  { key: 3, rate: 840, from: '2024-12-06' },
  { key: 3, rate: 900, from: '2023-01-01' },
  { key: 3, rate: 950, from: '2022-01-01' },
  { key: 3, rate: 1070, from: '2007-01-01' },
  { key: 4, rate: 550, from: '2007-01-01' },
]

/** Keys of rates that were in force at another time: the return of an old sale (Anlage Umsatzsteuerschlüssel). */
const HISTORICAL: ReadonlyMap<Rate, number> = new Map([
  [1900, 11],
  [1600, 21],
  [700, 12],
  [500, 22],
  [1070, 13],
  [950, 23],
  [900, 33],
  [840, 43],
])
const HISTORICAL_BY_KEY: ReadonlyMap<number, Rate> = new Map([...HISTORICAL].map(([rate, key]) => [key, rate]))

const ZERO_KEYS: Readonly<Record<string, number>> = { exempt: 6, not_taxable: 5, zero_rated: 8 }
export const NOT_TAXABLE = 5
const EXEMPT = 6
export const UNKNOWN_VAT = 7
/** Written for every closing, used or not. */
export const STANDING_KEYS = [1, 2, 3, 4, 5, 6]

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  1: 'Allgemeiner Steuersatz',
  2: 'Ermäßigter Steuersatz',
  3: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)',
  4: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)',
  5: 'Nicht steuerbar',
  6: 'Umsatzsteuerfrei',
  7: 'Umsatzsteuer nicht ermittelbar',
  8: 'Nullsteuersatz (§ 12 Abs. 3 UStG)',
  11: 'Historischer allgemeiner Steuersatz (19 %)',
  12: 'Historischer ermäßigter Steuersatz (7 %)',
  13: 'Historischer Durchschnittssatz (10,70 %)',
  21: 'Historischer allgemeiner Steuersatz (16 %)',
  22: 'Historischer ermäßigter Steuersatz (5 %)',
  23: 'Historischer Durchschnittssatz (9,50 %)',
  33: 'Historischer Durchschnittssatz (9,00 %)',
  43: 'Historischer Durchschnittssatz (8,40 %)',
}

/**
 * UST_SCHLUESSEL of a rate in the format of the API (`0.19`) on a calendar date; undefined if it is not a German rate.
 */
export function vatKeyOf(rate: string, code: string | undefined, date: string): number | undefined {
  const atoms = toAtoms(rate)
  const value = atoms % ATOMS_PER_BASIS_POINT === 0n ? Number(atoms / ATOMS_PER_BASIS_POINT) : undefined
  if (value === undefined) return undefined
  if (value === 0) return ZERO_KEYS[code ?? 'exempt'] ?? EXEMPT
  return keyOfRate(value, date)
}

/** UST_SCHLUESSEL on a calendar date of a VAT kind of processData (B1 to B5) that was signed on another. */
export function keyOfKind(kind: number, signedOn: string, date: string): number {
  const rate = rateInForce(kind, signedOn)
  return (rate === undefined ? undefined : keyOfRate(rate, date)) ?? kind
}

/** Rate of a key on a calendar date, in hundredths of a percent; undefined for an undefined key. */
export function rateOf(key: number, date: string): Rate | undefined {
  if (key >= 5 && key <= 8) return 0
  return rateInForce(key, date) ?? HISTORICAL_BY_KEY.get(key)
}

export function describeKey(key: number): string {
  return DESCRIPTIONS[key] ?? `Steuersatz ${key}`
}

/** VAT in a gross amount, in cents, rounded half away from zero. */
export function vatIn(grossCents: bigint, rate: Rate): bigint {
  return divideRounded(grossCents * BigInt(rate), BigInt(10_000 + rate))
}

function keyOfRate(rate: Rate, date: string): number | undefined {
  return [1, 2, 3, 4].find((key) => rateInForce(key, date) === rate) ?? HISTORICAL.get(rate)
}

function rateInForce(key: number, date: string): Rate | undefined {
  return IN_FORCE.find((row) => row.key === key && row.from <= date)?.rate
}
