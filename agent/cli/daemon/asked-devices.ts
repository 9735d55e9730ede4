import { systemClock, within } from '../../../base/clock.ts'
import type { Technician } from './admin-client.ts'
import { member } from './admin-client.ts'

/** A person waits in front of the screen. */
const LIMIT_MS = 1500
/** Limit if the next step depends on the answers: some devices take that long to open. */
export const PATIENT_MS = 30_000

type Devices = Awaited<ReturnType<Technician['devices']>>
type Asked = Pick<Technician, 'devices' | 'deviceAct'>

/**
 * The present state of all devices; without a daemon they have not been queried yet. All are queried at the same time,
 * for at most `limitMs`: a device without an answer by then is listed as it is.
 */
export async function askedDevices(technician: Asked, limitMs = LIMIT_MS): Promise<Devices> {
  const devices = await technician.devices()
  const asked = devices.map((device) =>
    technician.deviceAct(String(member(device, 'id')), 'status').catch(() => undefined),
  )
  await within(systemClock, limitMs, Promise.all(asked))
  return technician.devices()
}
