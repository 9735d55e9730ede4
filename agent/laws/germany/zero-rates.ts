export const INTRA_COMMUNITY = 'intra_community'
/** Keys from here on belong to the company (DSFinV-K, Anlage Umsatzsteuerschlüssel). */
export const OWN_KEYS = 1000

/** A reason for a rate of 0: its UST_SCHLUESSEL, and the words that the receipt must carry. */
export type ZeroRate = { readonly key: number; readonly words?: string }

/** The words are those of §§ 14 (4) no. 8, 14a (5), 14a (6) UStG and § 34a UStDV, in any language of the receipt. */
const ZERO_RATES: ReadonlyMap<string, ZeroRate> = new Map([
  ['exempt', { key: 6 }],
  ['not_taxable', { key: 5 }],
  ['zero_rated', { key: 8 }],
  ['small_business', { key: 6, words: 'Steuerfrei nach § 19 UStG (Kleinunternehmer)' }],
  [INTRA_COMMUNITY, { key: 6, words: 'Steuerfreie innergemeinschaftliche Lieferung' }],
  ['export', { key: 6, words: 'Steuerfreie Ausfuhrlieferung' }],
  ['reverse_charge', { key: 1013, words: 'Steuerschuldnerschaft des Leistungsempfängers' }],
  ['margin_scheme', { key: 1025, words: 'Gebrauchtgegenstände/Sonderregelung' }],
  ['margin_scheme_art', { key: 1026, words: 'Kunstgegenstände/Sonderregelung' }],
  ['margin_scheme_antiques', { key: 1027, words: 'Sammlungsstücke und Antiquitäten/Sonderregelung' }],
  ['margin_scheme_travel', { key: 1028, words: 'Sonderregelung für Reisebüros' }],
])

export const ZERO_RATE_CODES: readonly string[] = [...ZERO_RATES.keys()]
export const EXEMPT = 'exempt'
/** A claim that is paid may have it, and no goods. */
export const NOT_DETERMINABLE = 'not_determinable'

/** Undefined for a code that is not one of the law. */
export function zeroRateOf(code: string): ZeroRate | undefined {
  return ZERO_RATES.get(code)
}

/** The keys of the company that these codes have. */
export const ZERO_RATE_KEYS: ReadonlySet<number> = new Set(
  [...ZERO_RATES.values()].map(({ key }) => key).filter((key) => key >= OWN_KEYS),
)
