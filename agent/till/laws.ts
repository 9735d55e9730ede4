import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { Register } from '../contract/register.ts'
import type { Document } from '../journal/documents/document.ts'
import type { View } from '../journal/projections/view.ts'
import type { LawRules } from '../laws/law.ts'

/** The law under which a document was made; undefined for a document without a law. */
export function lawOf(laws: readonly LawRules[], { law }: Pick<Document, 'law'>): LawRules | undefined {
  return lawNamed(laws, law?.name)
}

/** The law of a register, from its first request to fiscalize. */
export function lawOfRegister(
  laws: readonly LawRules[],
  { fiscalization }: Pick<Partial<Register>, 'fiscalization'>,
): LawRules | undefined {
  return lawNamed(laws, fiscalization?.regime)
}

function lawNamed(laws: readonly LawRules[], name: string | undefined): LawRules | undefined {
  return laws.find((law) => law.facts.name === name)
}

/** The law of a country, ISO 3166-1 alpha-3; undefined if this agent does not have it. */
export function lawOfCountry(laws: readonly LawRules[], country: string | undefined): LawRules | undefined {
  return laws.find((law) => law.facts.country === country)
}

/** The law of a kind of devices: each kind serves one law. */
export function lawOfKind(laws: readonly LawRules[], kind: DeviceKind): LawRules | undefined {
  return laws.find(({ facts: law }) => law.deviceKinds.includes(kind))
}

/** The law of the register's country, also before it is fiscalized. */
export function lawWhere(laws: readonly LawRules[], view: View, register: Register | undefined): LawRules | undefined {
  const location = register === undefined ? undefined : view.location(register.location_id)?.shown
  return lawOfCountry(laws, location?.address.country_code)
}
