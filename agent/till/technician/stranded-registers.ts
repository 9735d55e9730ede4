import type { DeviceKind } from '../../../drivers/ports/device.ts'
import { isUncertifiedNumber } from '../../devices/uncertified.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'

type Named = { id: string; kind: DeviceKind }

/**
 * Names of the registers that use the device of that id under a law with devices of another kind: its entry in the
 * configuration was changed to another device. Nothing of theirs can be signed or printed, even if the device is ready.
 */
export function strandedRegisters(
  view: View,
  laws: readonly LawRules[],
  { id, kind }: Named,
  registers = allRegisters(view),
): string[] {
  return registers
    .filter((register) => register.fiscal_device === id && isUnderLaw(register))
    .filter((register) => lawOfRegister(laws, register)?.facts.deviceKinds.includes(kind) !== true)
    .map(({ name }) => name)
}

/** Before a device is enrolled under an id where it would displace another one. Throws `fiscalization_conflict`. */
export function refuseStranding(view: View, laws: readonly LawRules[], device: Named): void {
  const names = strandedRegisters(view, laws, device)
  if (names.length === 0) return
  throw new FiskalError(
    'fiscalization_conflict',
    `${names.join(', ')} need the device ${device.id} of another kind: give it back that id in "devices", and another id to this one. Nothing was changed.`,
    { device_id: device.id },
  )
}

/**
 * Before a certified unit replaces another one under the id of its registers: refused if their serial numbers mark the
 * unit as not certified. Throws `fiscalization_conflict`.
 */
export function refuseUncertified(view: View, id: string, isUncertified: boolean | undefined): void {
  if (isUncertified !== false) return
  const numbers = allRegisters(view)
    .filter((register) => register.fiscal_device === id && isUnderLaw(register))
    .flatMap((register) => register.fiscalization?.client_id ?? [])
    .filter(isUncertifiedNumber)
  if (numbers.length === 0) return
  throw new FiskalError(
    'fiscalization_conflict',
    `The unit is certified and takes no register of ${numbers.join(', ')}, whose unit is not: give it another id in "devices" and make new registers, or give the old unit back its entry and decommission these. Nothing was changed.`,
    { device_id: id },
  )
}
