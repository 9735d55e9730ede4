import { readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { UsbIds } from './usb-port.ts'
import { findUsbFolder } from './usb-port.ts'

/** True if the kernel's driver for printers has the device: a program that opens it takes it from there permanently. */
export async function isTakenByKernel(ids: UsbIds, sysfs = '/sys'): Promise<boolean> {
  const folder = await findUsbFolder(ids, sysfs)
  if (folder === undefined) return false
  // An interface is a folder as 1-2:1.0.
  const interfaces = (await readdir(folder)).filter((name) => name.startsWith(`${basename(folder)}:`))
  const drivers = interfaces.map((name) => readlink(join(folder, name, 'driver')).catch(() => ''))
  return (await Promise.all(drivers)).some((driver) => basename(driver) === 'usblp')
}
