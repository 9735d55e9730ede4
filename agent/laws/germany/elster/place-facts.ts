import type { Location } from '../../../contract/location.ts'
import { isOwnIdentity } from '../identity.ts'
import { formText } from './form.ts'
import type { DocumentsAt } from './tills.ts'

/** The facts of taxpayer and place in a notice. None of them is in the file: a person types them. */
export const PLACE_FACTS = [
  'Steuernummer',
  'Steuerpflichtiger',
  'Anschrift des Steuerpflichtigen',
  'Betriebsstätte',
  'Anschrift der Betriebsstätte',
] as const
export type PlaceFact = (typeof PLACE_FACTS)[number]
export type PlaceFacts = { readonly [Name in PlaceFact]: string }

/** '' for a fact that no one has given. */
export function placeFacts(documents: DocumentsAt, locationId: string): PlaceFacts {
  const location = documents.location(locationId)
  const merchant = location && documents.merchant(location.merchant_id)
  return {
    Steuernummer: formText(merchant?.fiscal_identities.find(isOwnIdentity)?.tax_number),
    Steuerpflichtiger: formText(merchant?.legal_name),
    'Anschrift des Steuerpflichtigen': formText(merchant && addressOf(merchant.address)),
    Betriebsstätte: formText(location?.name),
    'Anschrift der Betriebsstätte': formText(location && addressOf(location.address)),
  }
}

export function addressOf({ line1, line2, postal_code, city }: Location['address']): string {
  return [line1, ...(line2 === undefined ? [] : [line2]), `${postal_code} ${city}`].join(', ')
}
