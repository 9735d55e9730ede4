import type { DeviceIdentity } from './device.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import type { Trouble } from './usable.ts'

/** Why a unit is not the shop's: another one is enrolled, or this one was taken out of use. */
export function strangerTrouble(
  { serial }: DeviceIdentity,
  { enrolledSerial, isRetired }: Pick<SupervisorOptions, 'enrolledSerial' | 'isRetired'>,
): Trouble | undefined {
  const enrolled = enrolledSerial() ?? serial
  if (isRetired?.(serial) === true)
    return { code: 'retired', message: `The device has serial ${serial}, which was retired.` }
  if (enrolled === serial) return undefined
  return { code: 'foreign', message: `The device has serial ${serial}, enrolled is ${enrolled}.` }
}
