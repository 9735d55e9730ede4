import type { Register } from '../../contract/register.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'
import { leftAt } from './departures.ts'

/** A register under its serial number on a device. */
export type DeviceClient = { law: LawRules; register: string }

/** The registers of a device, by their serial number on it. */
export function clientsOf(laws: readonly LawRules[], view: View, device: string): Map<string, DeviceClient> {
  return clientsAmong(
    laws,
    allRegisters(view).filter((register) => register.fiscal_device === device),
  )
}

/** The registers that have left a device which still has them as clients. */
export function formerClientsOf(laws: readonly LawRules[], view: View, device: string): Map<string, DeviceClient> {
  return clientsAmong(
    laws,
    leftAt(view, device).map(({ shown }) => shown),
  )
}

function clientsAmong(laws: readonly LawRules[], registers: readonly Register[]): Map<string, DeviceClient> {
  const clients = new Map<string, DeviceClient>()
  for (const register of registers) {
    const law = lawOfRegister(laws, register)
    const client = register.fiscalization?.client_id ?? undefined
    if (law !== undefined && client !== undefined) clients.set(client, { law, register: register.id })
  }
  return clients
}
