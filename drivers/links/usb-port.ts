import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Hexadecimal ids as lsusb shows them, with or without `0x`. */
export type UsbIds = { vendorId: string; productId: string; serialNumber?: string | undefined }

/** A USB tty hangs a few levels below the device that has the ids. */
const levelsMax = 6
const portsMax = 512

/**
 * The tty of a USB device, wherever it is plugged in now (Linux sysfs); undefined when it is not there. Two devices
 * of the same ids are told apart by the serial number only.
 */
export const findUsbPort = async (ids: UsbIds, sysfs = '/sys'): Promise<string | undefined> => {
  const classes = join(sysfs, 'class', 'tty')
  const names = (await readdir(classes).catch(() => [])).filter((name) => /^tty(USB|ACM)\d+$/.test(name)).sort()
  for (const name of names.slice(0, portsMax)) {
    const device = await realpath(join(classes, name, 'device')).catch(() => undefined)
    if (device !== undefined && (await belongsTo(device, ids))) return `/dev/${name}`
  }
  return undefined
}

const belongsTo = async (device: string, ids: UsbIds): Promise<boolean> => {
  let folder = device
  for (let level = 0; level < levelsMax; level += 1, folder = dirname(folder)) {
    const vendor = await attribute(folder, 'idVendor')
    if (vendor === undefined) continue
    const product = await attribute(folder, 'idProduct')
    if (hexadecimal(vendor) !== hexadecimal(ids.vendorId)) return false
    if (hexadecimal(product ?? '') !== hexadecimal(ids.productId)) return false
    return ids.serialNumber === undefined || (await attribute(folder, 'serial')) === ids.serialNumber
  }
  return false
}

const attribute = async (folder: string, name: string): Promise<string | undefined> =>
  (await readFile(join(folder, name), 'utf8').catch(() => undefined))?.trim()

const hexadecimal = (id: string): number => Number.parseInt(id, 16)
