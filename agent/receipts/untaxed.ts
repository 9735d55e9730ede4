/** Italian codes of nature of an operation without VAT, and of takings whose rate is found later (VI). */
const NATURES = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'VI'] as const

/** Why a rate is 0, each with words of its own ([labels.ts](labels.ts)). */
export type Untaxed =
  | 'not_taxable'
  | 'exempt'
  | 'zero_rated'
  | 'small_business'
  | 'pass_through'
  | 'margin_scheme'
  | 'margin_scheme_travel'
  | 'reverse_charge'
  | 'intra_community'
  | 'export'
  | `nature_${(typeof NATURES)[number]}`

/** A natura of finer division (`N2.1`) belongs to its own class. */
export function natureOf(code: string | undefined): Untaxed | undefined {
  const nature = NATURES.find((known) => known === code?.replace(/\.\d$/, ''))
  return nature && `nature_${nature}`
}
