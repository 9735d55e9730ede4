import type { DeviceKind } from '../../../drivers/ports/device.ts'
import { isUncertifiedNumber } from '../../devices/uncertified.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'

type Named = { id: string; kind: DeviceKind }

/**
 * Names of the registers that rely on the device of that id under a law whose devices are of another kind: its entry in
 * the configuration was given to another one. Nothing of theirs is signed or printed, however ready it is.
 */
export function strandedRegisters(view: View, laws: readonly LawRules[], { id, kind }: Named): string[] {
  return allRegisters(view)
    .filter((register) => register.fiscal_device === id && isUnderLaw(register))
    .filter((register) => lawOfRegister(laws, register)?.facts.deviceKinds.includes(kind) !== true)
    .map(({ name }) => name)
}

/** Before a device is taken for the shop's under an id where it would push out another one. Throws `fiscalization_conflict`. */
export function refuseStranding(view: View, laws: readonly LawRules[], device: Named): void {
  const names = strandedRegisters(view, laws, device)
  if (names.length === 0) return
  throw new FiskalError(
    'fiscalization_conflict',
    `${names.join(', ')} cannot do without the device ${device.id} of another kind: give it back that id in "devices", and this one an id of its own. Nothing was changed.`,
    { device_id: device.id },
  )
}

/**
 * Before a certified unit takes the place of another one, under the id that registers have: it takes none whose serial
 * number says that its unit is not certified. Throws `fiscalization_conflict`.
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
    `The unit is certified and takes no register of ${numbers.join(', ')}, whose unit is not: give it an id of its own in "devices" and make new registers, or give the old unit back its entry and decommission these. Nothing was changed.`,
    { device_id: id },
  )
}
