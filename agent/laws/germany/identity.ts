import type { FiscalIdentity } from '../../contract/merchant.ts'
import { FACTS } from './facts.ts'

/** Apart from its schema (shapes.ts): a process that writes the files of the authorities loads no schemas. */
export type Identity = { country_code: typeof FACTS.country; tax_number: string | null; vat_id: string | null }

export function isOwnIdentity(of: FiscalIdentity): of is Identity {
  return of.country_code === FACTS.country
}
