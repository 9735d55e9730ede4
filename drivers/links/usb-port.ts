import { dirname } from 'node:path'
import { attribute, usbLines } from './sysfs.ts'

/** Hexadecimal ids as lsusb shows them, with or without `0x`. */
export type UsbIds = { vendorId: string; productId: string; serialNumber?: string | undefined }

/** A USB tty hangs a few levels below the device that has the ids. */
const levelsMax = 6

/**
 * The tty of a USB device, wherever it is plugged in now (Linux sysfs); undefined when it is not there. Two devices
 * of the same ids are told apart by the serial number only.
 */
export const findUsbPort = async (ids: UsbIds, sysfs = '/sys'): Promise<string | undefined> => {
  for (const { tty, place } of await usbLines(sysfs)) if (await belongsTo(place, ids)) return tty
  return undefined
}

const belongsTo = async (place: string, ids: UsbIds): Promise<boolean> => {
  let device = place
  for (let level = 0; level < levelsMax; level += 1, device = dirname(device)) {
    const vendor = await attribute(device, 'idVendor')
    if (vendor === undefined) continue
    const product = await attribute(device, 'idProduct')
    if (hexadecimal(vendor) !== hexadecimal(ids.vendorId)) return false
    if (hexadecimal(product ?? '') !== hexadecimal(ids.productId)) return false
    return ids.serialNumber === undefined || (await attribute(device, 'serial')) === ids.serialNumber
  }
  return false
}

const hexadecimal = (id: string): number => Number.parseInt(id, 16)
