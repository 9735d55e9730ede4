import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { RegisterDocument } from '../journal/documents.ts'
import { locationDocument } from '../journal/documents.ts'
import type { Members } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import type { Regime } from '../laws/law.ts'

/** The law that a document was made under, or under which a register is fiscalized; undefined where there is none (yet). */
export function lawOf(regimes: readonly Regime[], document: Members): Regime | undefined {
  const facts = document['fiscalization'] as Members | null | undefined
  const law = document['$law'] ?? facts?.['regime']
  return regimes.find((regime) => regime.law.name === law)
}

/** The law of a country, ISO 3166-1 alpha-3; undefined where this agent has none of it. */
export function lawOfCountry(regimes: readonly Regime[], country: string | undefined): Regime | undefined {
  return regimes.find((regime) => regime.law.country === country)
}

/** The law that devices of a kind serve: a kind is of one law alone. */
export function lawOfKind(regimes: readonly Regime[], kind: DeviceKind): Regime | undefined {
  return regimes.find(({ law }) => law.deviceKinds.includes(kind))
}

/** The law of the country where a register stands, also before it is fiscalized. */
export function lawWhere(
  regimes: readonly Regime[],
  view: View,
  register: RegisterDocument | undefined,
): Regime | undefined {
  const location = register === undefined ? undefined : locationDocument(view, register.location_id)
  return lawOfCountry(regimes, location?.address.country_code)
}
