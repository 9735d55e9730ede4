/** Italian codes of nature of an operation without VAT, and of takings whose rate is determined later (VI). */
const NATURES = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'VI'] as const

/** The reasons for a rate of 0, each with its words in texts/receipts.ts. */
export type Untaxed =
  | 'not_taxable'
  | 'exempt'
  | 'zero_rated'
  | 'small_business'
  | 'pass_through'
  | 'vat_by_invoice'
  | 'margin_scheme'
  | 'margin_scheme_travel'
  | 'reverse_charge'
  | 'intra_community'
  | 'export'
  | `nature_${(typeof NATURES)[number]}`

/** A subdivided natura (`N2.1`) belongs to its class (`N2`). */
export function natureOf(code: string | undefined): Untaxed | undefined {
  const nature = NATURES.find((nature) => nature === code?.replace(/\.\d$/, ''))
  return nature && `nature_${nature}`
}
