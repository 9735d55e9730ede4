import type { View } from '../journal/projections/view.ts'
import type { DeviceIdentity } from './device.ts'
import type { DeviceSupervisor } from './supervisor.ts'
import { isUncertifiedSerial, isUncertifiedUnit } from './uncertified.ts'

/**
 * Whether no authority has certified the unit of a device, as it answers now or as it is enrolled; undefined for a
 * printer, and for a unit that was never connected.
 */
export function isUncertifiedDevice(
  view: View,
  { id, device: { unit }, identity }: DeviceSupervisor,
): boolean | undefined {
  if (unit.kind === 'fiscal_printer') return undefined
  const isUncertified = isUncertifiedUnit(unit, { certificates: certificatesOf(identity) })
  if (isUncertified !== undefined || identity !== undefined) return isUncertified
  const serial = view.enrolledSerial(id)
  return serial === undefined ? undefined : isUncertifiedSerial(view, serial)
}

/** True if the unit or printer of a device is not certified, as far as it has answered: what it records is a trial. */
export function isTrialDevice({ device: { unit }, identity }: Pick<DeviceSupervisor, 'device' | 'identity'>): boolean {
  return isUncertifiedUnit(unit, { certificates: certificatesOf(identity) }) === true
}

/** True if only the serial numbers of its registers can show that the unit is not certified. */
export function hidesItsKind(view: View, device: DeviceSupervisor): boolean {
  const certificates = certificatesOf(device.identity)
  return isUncertifiedDevice(view, device) === true && isUncertifiedUnit({}, { certificates }) === false
}

function certificatesOf(identity: DeviceIdentity | undefined): readonly Uint8Array[] {
  return identity !== undefined && 'certificates' in identity ? identity.certificates : []
}
