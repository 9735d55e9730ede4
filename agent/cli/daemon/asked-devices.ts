import { systemClock, within } from '../../../base/clock.ts'
import type { Technician } from './admin-client.ts'
import { member } from './admin-client.ts'

/** Somebody stands before the screen and waits. */
const LIMIT_MS = 1500
/** What follows hangs on whether they answer: some take that long to be opened. */
export const PATIENT_MS = 30_000

type Devices = Awaited<ReturnType<Technician['devices']>>
type Asked = Pick<Technician, 'devices' | 'deviceAct'>

/**
 * All devices as they are now: without a daemon nobody has asked them yet. They are asked at once and waited for no longer
 * than `limitMs`: one that does not answer by then is shown as it is.
 */
export async function askedDevices(technician: Asked, limitMs = LIMIT_MS): Promise<Devices> {
  const known = await technician.devices()
  const asked = known.map((device) =>
    technician.deviceAct(String(member(device, 'id')), 'status').catch(() => undefined),
  )
  await within(systemClock, limitMs, Promise.all(asked))
  return technician.devices()
}
