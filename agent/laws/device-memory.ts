import type { Json } from '../../base/canonical.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'

/** The signed logs in the devices of a law. */
export type DeviceMemory = {
  /** At this fill level a warning is raised. */
  readonly warnAtPercent: number
  /** A technician's command; `deletes`: also delete them in the device. Throws FiskalError, DeviceError. */
  archive(device: DeviceSupervisor, deletes: boolean): Promise<Json>
}
