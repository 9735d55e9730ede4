import type { Tse } from '../../../../drivers/ports/tse.ts'
import { FiskalError } from '../../../errors.ts'
import type { WatchedDevice } from './watched-device.ts'

/** A TSE with its serial number. */
export type Unit = { device: WatchedDevice; tse: Tse; serial: string }

/** States of a unit that no longer signs but still exports its logs. */
const READABLE_CODES: readonly string[] = ['retired', 'disabled', 'clock_suspect']

/** The unit of a device that may be used. Throws `unprocessable_entity`, `fiscal_device_unavailable`. */
export function unitOf(device: WatchedDevice): Unit {
  return demandedUnit(device, device.usable)
}

/** The same for a unit whose logs can be read. */
export function readableUnitOf(device: WatchedDevice): Unit {
  return demandedUnit(device, device.usable || READABLE_CODES.includes(device.trouble?.code ?? ''))
}

function demandedUnit(device: WatchedDevice, fits: boolean): Unit {
  const { asTse } = device
  const serial = asTse?.identity?.serial
  if (asTse === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} is not a TSE: it has no archive.`, {
      device_id: device.id,
    })
  if (serial === undefined || !fits) {
    const why = asTse.trouble?.message ?? 'It was not reached yet.'
    throw new FiskalError('fiscal_device_unavailable', why, { device_id: device.id }, { retryAfterSeconds: 10 })
  }
  return { device, tse: asTse.unit, serial }
}
