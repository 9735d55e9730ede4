import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { Register } from '../contract/register.ts'
import type { Document } from '../journal/documents/document.ts'
import type { View } from '../journal/projections/view.ts'
import type { Regime } from '../laws/law.ts'

/** The law that a document was made under; undefined where there is none. */
export function lawOf(regimes: readonly Regime[], { law }: Pick<Document, 'law'>): Regime | undefined {
  return lawNamed(regimes, law?.name)
}

/** The law of a register, from its first request to fiscalize. */
export function lawOfRegister(
  regimes: readonly Regime[],
  { fiscalization }: Pick<Partial<Register>, 'fiscalization'>,
): Regime | undefined {
  return lawNamed(regimes, fiscalization?.regime)
}

function lawNamed(regimes: readonly Regime[], name: string | undefined): Regime | undefined {
  return regimes.find((regime) => regime.law.name === name)
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
export function lawWhere(regimes: readonly Regime[], view: View, register: Register | undefined): Regime | undefined {
  const location = register === undefined ? undefined : view.location(register.location_id)?.shown
  return lawOfCountry(regimes, location?.address.country_code)
}
