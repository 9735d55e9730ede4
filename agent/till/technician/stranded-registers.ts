import type { DeviceKind } from '../../../drivers/ports/device.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Regime } from '../../regimes/regime.ts'
import { lawOf } from '../laws.ts'

type Named = { id: string; kind: DeviceKind }

/**
 * Names of the registers that rely on the device of that id under a law whose devices are of another kind: its entry in
 * the configuration was given to another one. Nothing of theirs is signed or printed, however ready it is.
 */
export function strandedRegisters(view: View, regimes: readonly Regime[], { id, kind }: Named): string[] {
  return allRegisters(view)
    .filter((register) => register.fiscal_device === id && isUnderLaw(register))
    .filter((register) => lawOf(regimes, register)?.deviceKind !== kind)
    .map(({ name }) => name)
}

/** Before a device is taken for the shop's under an id where it would push out another one. Throws `fiscalization_conflict`. */
export function refuseStranding(view: View, regimes: readonly Regime[], device: Named): void {
  const names = strandedRegisters(view, regimes, device)
  if (names.length === 0) return
  throw new FiskalError(
    'fiscalization_conflict',
    `${names.join(', ')} cannot do without the device ${device.id} of another kind: give it back that id in "devices", and this one an id of its own. Nothing was changed.`,
    { device_id: device.id },
  )
}
