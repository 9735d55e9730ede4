import type { Clock } from '../../../base/clock.ts'
import { within } from '../../../base/clock.ts'
import { DeviceError, OtherUnitError } from '../../../drivers/errors.ts'
import { otherIdOf } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { View } from '../../journal/projections/view.ts'

type Devices = ReadonlyMap<string, DeviceSupervisor>

/** Limit of the question to all lines: some devices take that long to open. */
const ASKED_MS = 30_000

/** Serial number of the unit that answers at the line of that device now, asked without a login; undefined if none does. */
export async function answeringSerial({ device: { unit } }: DeviceSupervisor): Promise<string | undefined> {
  try {
    await unit.open()
    return (await unit.identity()).serial
  } catch (error) {
    if (error instanceof OtherUnitError) return error.serial
    if (error instanceof DeviceError) return undefined
    throw error
  }
}

/**
 * Before anything is sent to the unit: one that is enrolled under another id of this configuration belongs there, and
 * the PINs of this entry would use up its tries. Throws `fiscalization_conflict`.
 */
export function refuseUnitOfOther(view: View, devices: Devices, id: string, serial: string | undefined): void {
  const other = serial === undefined ? undefined : otherIdOf(view, (each) => devices.has(each), id, serial)
  if (other === undefined) return
  throw new FiskalError(
    'fiscalization_conflict',
    `The unit at the line of ${id} (serial ${serial}) is enrolled as ${other}: correct the lines of the two entries, "fiskal-edge doctor" shows them. Nothing was sent to it.`,
    { device_id: id },
  )
}

/**
 * The other id at whose line that unit answers now; undefined if none, and if it answers at its own line too. All lines
 * are asked at once. A device that is usable needs no question: another unit would be foreign there.
 */
export async function otherLineOf(
  devices: Devices,
  clock: Clock,
  { device, serial }: { device: DeviceSupervisor; serial: string },
): Promise<string | undefined> {
  const { kind } = device.device.unit
  const otherIds: string[] = []
  const asked = [...devices.values()].map(async (other) => {
    if (other === device || other.device.unit.kind !== kind) return
    if ((other.usable ? other.identity?.serial : await answeringSerial(other)) === serial) otherIds.push(other.id)
  })
  await within(clock, ASKED_MS, Promise.all(asked))
  const [first] = otherIds
  return first === undefined || (await answersAt(device, clock, serial)) ? undefined : first
}

/** True if that unit answers at the line of the device now. */
export async function answersAt(device: DeviceSupervisor, clock: Clock, serial: string): Promise<boolean> {
  if (device.usable) return device.identity?.serial === serial
  let answers = false
  const asked = answeringSerial(device).then((answeringUnit) => {
    answers = answeringUnit === serial
  })
  await within(clock, ASKED_MS, asked)
  return answers
}
