import { withoutZeros } from '../../../base/money.ts'

/** The five amount fields of the machine-readable code, in its order: by name, not by rate (RKSV Anlage Z 12). */
export const fields = ['normal', 'reduced1', 'reduced2', 'zero', 'special'] as const
export type Field = (typeof fields)[number]

export const fieldNames: Readonly<Record<Field, string>> = {
  normal: 'Betrag-Satz-Normal',
  reduced1: 'Betrag-Satz-Ermaessigt-1',
  reduced2: 'Betrag-Satz-Ermaessigt-2',
  zero: 'Betrag-Satz-Null',
  special: 'Betrag-Satz-Besonders',
}

type DatedRate = { rate: string; field: Field; from: string; to: string }

const ALWAYS = '9999-12-31'
/**
 * § 10 UStG. 19 % applies only in Jungholz and Mittelberg (§ 10 Abs. 4 UStG), 4.9 % to basic foods; both are in
 * Betrag-Satz-Besonders.
 */
const rates: readonly DatedRate[] = [
  { rate: '0.2', field: 'normal', from: '1984-01-01', to: ALWAYS },
  { rate: '0.1', field: 'reduced1', from: '1984-01-01', to: ALWAYS },
  { rate: '0.13', field: 'reduced2', from: '2016-01-01', to: ALWAYS },
  { rate: '0', field: 'zero', from: '1984-01-01', to: ALWAYS },
  { rate: '0.19', field: 'special', from: '1995-01-01', to: ALWAYS },
  { rate: '0.049', field: 'special', from: '2026-07-01', to: ALWAYS },
]

/** The reason of a zero rate; `exempt` by default. */
export const zeroRateCodes: readonly string[] = [
  'exempt',
  'not_taxable',
  'small_business',
  'pass_through',
  'margin_scheme',
  'margin_scheme_art',
  'margin_scheme_antiques',
  'margin_scheme_travel',
  'reverse_charge',
  'intra_community',
  'export',
]

/**
 * The field of a rate on a calendar date (`YYYY-MM-DD`, Europe/Vienna), or undefined if the law did not have that rate
 * then: a guess would be a wrong tax. A return may carry an expired rate: the goods were sold before.
 */
export function fieldOf(rate: string, date: string, isReturn: boolean): Field | undefined {
  const wanted = withoutZeros(rate)
  return rates.find((row) => row.rate === wanted && row.from <= date && (isReturn || date <= row.to))?.field
}

/** The field of a rate that was accepted when the document was made; a rate never changes its field. */
export function fieldOfAccepted(rate: string): Field | undefined {
  return fieldOf(rate, ALWAYS, true)
}
