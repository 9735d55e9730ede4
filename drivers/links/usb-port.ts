import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { attribute, usbLines } from './sysfs.ts'
import type { UsbAddress } from './usb-calls.ts'

/** Hexadecimal ids as lsusb shows them, with or without `0x`. */
export type UsbIds = { vendorId: string; productId: string; serialNumber?: string | undefined }

/** The tty of a USB device is a few levels below the device with the ids. */
const LEVELS_MAX = 6

/**
 * The tty of a USB device in any socket (Linux sysfs); undefined if it is not connected. Two devices with the same ids
 * differ only in their serial number.
 */
export async function findUsbPort(ids: UsbIds, sysfs = '/sys'): Promise<string | undefined> {
  for (const { tty, place } of await usbLines(sysfs)) if (await belongsTo(place, ids)) return tty
  return undefined
}

async function belongsTo(place: string, ids: UsbIds): Promise<boolean> {
  let device = place
  for (let level = 0; level < LEVELS_MAX; level += 1, device = dirname(device)) {
    if ((await attribute(device, 'idVendor')) !== undefined) return await hasIds(device, ids)
  }
  return false
}

async function hasIds(device: string, ids: UsbIds): Promise<boolean> {
  const number = async (name: string) => hexadecimal((await attribute(device, name)) ?? '')
  if ((await number('idVendor')) !== hexadecimal(ids.vendorId)) return false
  if ((await number('idProduct')) !== hexadecimal(ids.productId)) return false
  return ids.serialNumber === undefined || (await attribute(device, 'serial')) === ids.serialNumber
}

/** The folder in sysfs of a USB device in any socket; undefined if it is not plugged in. */
export async function findUsbFolder(ids: UsbIds, sysfs = '/sys'): Promise<string | undefined> {
  const devices = join(sysfs, 'bus', 'usb', 'devices')
  const names = (await readdir(devices).catch(() => [])).filter((name) => /^\d+-[\d.]+$/.test(name)).sort()
  for (const name of names) if (await hasIds(join(devices, name), ids)) return join(devices, name)
  return undefined
}

/**
 * The current address of that folder's device on the bus, which changes with each plug. Undefined if it was unplugged.
 */
export async function usbAddress(folder: string): Promise<UsbAddress | undefined> {
  const [bus, address] = [await attribute(folder, 'busnum'), await attribute(folder, 'devnum')]
  return bus === undefined || address === undefined ? undefined : { bus: Number(bus), address: Number(address) }
}

/**
 * The file that a program with a USB device has open (Linux usbfs), as /dev/bus/usb/001/004; undefined if it is not plugged in.
 */
export async function usbNode(ids: UsbIds, sysfs = '/sys'): Promise<string | undefined> {
  const folder = await findUsbFolder(ids, sysfs)
  const found = folder === undefined ? undefined : await usbAddress(folder)
  if (found === undefined) return undefined
  return join('/dev/bus/usb', ...[found.bus, found.address].map((part) => String(part).padStart(3, '0')))
}

function hexadecimal(id: string): number {
  return Number.parseInt(id, 16)
}
