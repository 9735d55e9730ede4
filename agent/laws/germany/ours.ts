import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import { FACTS } from './facts.ts'
import type { Facts } from './shapes.ts'

/** True if this law recorded it: no other law writes this name. Apart from the schemas, as identity.ts is. */
export function isOurs(information: FiscalInformation | null | undefined): information is Facts {
  return information?.regime === FACTS.name
}
