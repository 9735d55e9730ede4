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
/** Until then basic foods were taxed at 10 %. */
const BASIC_FOODS_FROM = '2026-07-01'
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
  { rate: '0.049', field: 'special', from: BASIC_FOODS_FROM, to: ALWAYS },
]

/** The reason of a zero rate; `exempt` by default. Since 2026 the trade names an exemption `zero_rated`: it is kept as sent. */
export const zeroRateCodes: readonly string[] = [
  'exempt',
  'not_taxable',
  'zero_rated',
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

/** True if a voucher that was sold at a rate on that day pays for goods at another one: those of its field, and basic foods. */
export function paysFor(sold: string, used: string, soldOn: string): boolean {
  if (fieldOfAccepted(sold) === fieldOfAccepted(used)) return true
  return withoutZeros(sold) === '0.1' && withoutZeros(used) === '0.049' && soldOn < BASIC_FOODS_FROM
}
