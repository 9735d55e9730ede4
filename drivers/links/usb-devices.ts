import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsbLine } from './sysfs.ts'
import { attribute, usbLines } from './sysfs.ts'
import type { UsbAddress } from './usb-calls.ts'
import { usbAddress } from './usb-port.ts'

/** A connected device as the kernel reports it; nothing is opened. */
export type UsbDevice = {
  /** `0x04b8` */
  vendorId: string
  productId: string
  serialNumber: string | undefined
  /** Its own name: `Seiko Epson Corp. TM-T88`. */
  name: string
  /** `/dev/ttyUSB0`; undefined for a device without a serial line. */
  tty: string | undefined
  /** Its file for programs that do not use a tty: `/dev/bus/usb/001/005`. */
  node: string | undefined
  /** Its manufacturer, if known. */
  maker: Maker | undefined
}

/** Drivers of TSEs that are USB devices. */
export type UsbTse = 'tse-diebold' | 'tse-swissbit'

export type Maker = {
  name: string
  /** Drivers that reach its devices without a serial line. */
  lineless?: readonly string[]
} & ({ kind: 'tse'; driver: UsbTse } | { kind: 'printer' | 'card reader' | 'serial adapter' })

/** By the vendor ids of the USB Implementers Forum. `systemd/60-fiskal-edge.rules` has the same. */
export const MAKERS: ReadonlyMap<string, Maker> = new Map([
  ['04b8', { name: 'Epson', kind: 'printer', lineless: ['rt-epson', 'tse-epson'] }],
  ['0dd4', { name: 'Custom', kind: 'printer', lineless: ['rt-custom'] }],
  ['0aa7', { name: 'Diebold Nixdorf', kind: 'tse', driver: 'tse-diebold' }],
  ['1370', { name: 'Swissbit', kind: 'tse', driver: 'tse-swissbit', lineless: ['tse-swissbit'] }],
  ['04e6', { name: 'SCM/Identiv', kind: 'card reader' }],
  ['076b', { name: 'Omnikey', kind: 'card reader' }],
  ['08e6', { name: 'Gemalto', kind: 'card reader' }],
  ['0c4b', { name: 'Reiner SCT', kind: 'card reader' }],
  ['0403', { name: 'FTDI', kind: 'serial adapter' }],
  ['067b', { name: 'Prolific', kind: 'serial adapter' }],
  ['10c4', { name: 'Silicon Labs', kind: 'serial adapter' }],
  ['1a86', { name: 'QinHeng', kind: 'serial adapter' }],
])

const DEVICES_MAX = 256

/** All USB devices except hubs (Linux sysfs); empty without USB. */
export async function listUsbDevices(sysfs = '/sys'): Promise<UsbDevice[]> {
  const folder = join(sysfs, 'bus', 'usb', 'devices')
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+-[\d.]+$/.test(name)).sort()
  const lines = await usbLines(sysfs)
  const devices: UsbDevice[] = []
  for (const name of names.slice(0, DEVICES_MAX)) {
    const device = await describe(join(folder, name), lines)
    if (device !== undefined) devices.push(device)
  }
  return devices
}

async function describe(folder: string, lines: readonly UsbLine[]): Promise<UsbDevice | undefined> {
  const vendor = await attribute(folder, 'idVendor')
  const isHub = (await attribute(folder, 'bDeviceClass')) === '09'
  if (vendor === undefined || isHub) return undefined
  const words = [await attribute(folder, 'manufacturer'), await attribute(folder, 'product')]
  const maker = MAKERS.get(vendor)
  const at = await realpath(folder)
  return {
    vendorId: `0x${vendor}`,
    productId: `0x${(await attribute(folder, 'idProduct')) ?? '0'}`,
    serialNumber: await attribute(folder, 'serial'),
    name: words.filter((word) => word !== undefined).join(' ') || (maker?.name ?? 'USB device'),
    node: nodeOf(await usbAddress(folder)),
    tty: lines.find(({ place }) => `${place}/`.startsWith(`${at}/`))?.tty,
    maker,
  }
}

function nodeOf(address: UsbAddress | undefined): string | undefined {
  const digits = (number: number): string => String(number).padStart(3, '0')
  return address && `/dev/bus/usb/${digits(address.bus)}/${digits(address.address)}`
}
