import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsbLine } from './sysfs.ts'
import { attribute, usbLines } from './sysfs.ts'
import type { UsbAddress } from './usb-calls.ts'
import type { UsbIds } from './usb-port.ts'
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

export type Maker = {
  name: string
  kind: 'tse' | 'printer' | 'card reader' | 'serial adapter'
  /** Drivers that reach its devices without a serial line. */
  lineless?: readonly string[]
}

/** By the vendor ids of the USB Implementers Forum. */
export type Makers = ReadonlyMap<string, Maker>

/** Makers of other devices than TSEs: those of TSEs are in the families. `systemd/60-fiskal-edge.rules` has all of them. */
export const OTHER_MAKERS: Makers = new Map<string, Maker>([
  ['04b8', { name: 'Epson', kind: 'printer', lineless: ['rt-epson', 'tse-epson'] }],
  ['0dd4', { name: 'Custom', kind: 'printer', lineless: ['rt-custom'] }],
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
export async function listUsbDevices(makers: Makers, sysfs = '/sys'): Promise<UsbDevice[]> {
  const folder = join(sysfs, 'bus', 'usb', 'devices')
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+-[\d.]+$/.test(name)).sort()
  const lines = await usbLines(sysfs)
  const devices: UsbDevice[] = []
  for (const name of names.slice(0, DEVICES_MAX)) {
    const device = await describe(join(folder, name), lines, makers)
    if (device !== undefined) devices.push(device)
  }
  return devices
}

async function describe(folder: string, lines: readonly UsbLine[], makers: Makers): Promise<UsbDevice | undefined> {
  const vendor = await attribute(folder, 'idVendor')
  const isHub = (await attribute(folder, 'bDeviceClass')) === '09'
  if (vendor === undefined || isHub) return undefined
  const words = [await attribute(folder, 'manufacturer'), await attribute(folder, 'product')]
  const maker = makers.get(vendor)
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

/** The ids that identify the device in every USB port. */
export function usbIdentity({ vendorId, productId, serialNumber }: UsbDevice) {
  return { vendorId, productId, ...(serialNumber !== undefined && { serialNumber }) }
}

/** True for a device with these ids; `serialNumber` undefined matches any. */
export function isSameUsb(device: UsbDevice, { vendorId, productId, serialNumber }: UsbIds): boolean {
  const number = (id: string): number => Number.parseInt(id, 16)
  if (number(device.vendorId) !== number(vendorId) || number(device.productId) !== number(productId)) return false
  return serialNumber === undefined || serialNumber === device.serialNumber
}

/** How to get a serial line for a USB device without one. */
export function lineRemedy({ maker }: Pick<UsbDevice, 'maker'>): string {
  return maker?.kind === 'printer'
    ? 'set its USB port to virtual COM, or write its ids as "usb" in place of "serial", or connect its serial cable or the network ("tcp")'
    : 'load the kernel module of its serial line (modprobe cdc_acm)'
}

function nodeOf(address: UsbAddress | undefined): string | undefined {
  const digits = (number: number): string => String(number).padStart(3, '0')
  return address && `/dev/bus/usb/${digits(address.bus)}/${digits(address.address)}`
}
