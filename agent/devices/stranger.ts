import type { DeviceIdentity } from './device.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import type { Trouble } from './usable.ts'

type Facts = Pick<SupervisorOptions, 'enrolledSerial' | 'isRetired' | 'otherIdOf'>

/** Why a unit must not be used here: it was taken out of use, belongs to another id, or is not the enrolled one. */
export function strangerTrouble(
  { serial }: Pick<DeviceIdentity, 'serial'>,
  { enrolledSerial, isRetired, otherIdOf }: Facts,
): Trouble | undefined {
  const enrolled = enrolledSerial()
  if (isRetired?.(serial) === true)
    return { code: 'retired', message: `The device has serial ${serial}, which was retired.` }
  if (enrolled === serial) return undefined
  const other = otherIdOf?.(serial)
  if (other !== undefined) {
    const here = enrolled === undefined ? '' : `; enrolled here is ${enrolled}`
    return { code: 'foreign', message: `The device has serial ${serial}, which is enrolled as ${other}${here}.` }
  }
  if (enrolled === undefined) return undefined
  return { code: 'foreign', message: `The device has serial ${serial}, enrolled is ${enrolled}.` }
}
