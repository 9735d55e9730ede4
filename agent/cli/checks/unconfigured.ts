import { realpathSync } from 'node:fs'
import { FAMILIES } from '../../../drivers/catalog.ts'
import { mountedWith } from '../../../drivers/links/mounts.ts'
import type { Maker, UsbDevice } from '../../../drivers/links/usb-devices.ts'
import { isSameUsb, listUsbDevices, usbIdentity } from '../../../drivers/links/usb-devices.ts'
import { serialName } from '../../../drivers/links/usb-names.ts'
import type { DeviceKind } from '../../../drivers/ports/device.ts'
import { MAKERS, TSE_DISKS, USB_TSES } from '../../../drivers/tse-catalog.ts'
import type { DeviceConfig } from '../../config/config.ts'

/** An entry of `devices`, ready to paste. */
export type Entry = { readonly id: string; readonly driver: DeviceConfig['driver'] } & Readonly<Record<string, unknown>>

/** A connected fiscal device without an entry in the configuration. */
export type Unconfigured = {
  kind: DeviceKind
  /** The name that the technician sees on its case: `Custom Kube (0dd4:015d, serial K3)`. */
  name: string
  entry: Entry
  /** The steps before the entry works; undefined if there are no steps. */
  first?: string
}

/** For TSEs that are disks: the mount points that contain that file. */
export type Disks = (file: string) => Promise<readonly string[]>
type Found = Omit<Unconfigured, 'entry'> & { entry: Omit<Entry, 'id'> & Pick<Entry, 'driver'> }

const PREFIX: Readonly<Record<DeviceKind, string>> = { tse: 'tse', signature_card: 'card', fiscal_printer: 'rt' }

/** Lists connected devices by the kernel's data; opens no device. */
export async function findUnconfigured(
  devices: readonly DeviceConfig[],
  plugged?: readonly UsbDevice[],
  disks: Disks = mountedWith,
): Promise<Unconfigured[]> {
  const usb = plugged ?? (await listUsbDevices(MAKERS))
  const onDisks = await unconfiguredDisks(devices, disks)
  // A TSE that is a disk may appear twice, as a USB device and as its disk.
  const mounted = new Set(onDisks.map(({ entry }) => entry.driver))
  const onUsb = usb
    .filter((device) => !isUsed(device, devices))
    .flatMap((device) => (device.maker === undefined ? [] : foundOnUsb(device, device.maker, usb)))
    .filter(({ entry }) => !mounted.has(entry.driver))
  const taken = new Set(devices.map(({ id }) => id))
  return [...onDisks, ...onUsb].map((device) => ({
    ...device,
    entry: { id: freeId(device.kind, taken), ...device.entry },
  }))
}

/** One line for `devices`. */
export function configurationLine(entry: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(entry).replaceAll('":', '": ').replaceAll(',"', ', "')
}

/** Members of an entry, without its braces. */
export function configurationMembers(members: Readonly<Record<string, unknown>>): string {
  return configurationLine(members).slice(1, -1)
}

async function unconfiguredDisks(devices: readonly DeviceConfig[], disks: Disks): Promise<Found[]> {
  const found: Found[] = []
  for (const disk of TSE_DISKS.values()) {
    const { driver, file, name } = disk
    const configured = devices.flatMap((device) =>
      device.driver === driver && 'path' in device ? [realPath(device.path)] : [],
    )
    const mounts = (await disks(file)).map(realPath)
    const missing = configured.filter((path) => !mounts.includes(path)).length
    // A driver finds its disk on another mount, so one unknown mount for each missing disk is not new.
    const spare = mounts.filter((mount) => !configured.includes(mount)).slice(missing)
    for (const path of spare)
      found.push({ kind: 'tse', name: `${name} on ${path}`, entry: { driver, path, ...disk.more } })
  }
  return found
}

function foundOnUsb(device: UsbDevice, maker: Maker, plugged: readonly UsbDevice[]): Found[] {
  const { kind } = maker
  const name = `${maker.name} ${kind}: ${describeUsb(device)}`
  const serial = serialName(device, plugged)
  switch (kind) {
    case 'tse':
      return tseOnUsb(device, name, plugged)
    case 'printer':
      if (device.tty !== undefined) return [{ kind: 'fiscal_printer', name, entry: { driver: 'rt-custom', serial } }]
      return (
        onNetwork(maker.name, name) ?? [
          { kind: 'fiscal_printer', name, entry: { driver: 'rt-custom', usb: usbIdentity(device) } },
        ]
      )
    case 'card reader': {
      const first = "install the card maker's PKCS#11 library and write its path for module"
      const card = { module: '/usr/lib/pkcs11.so', token: 'card', pinFile: '/etc/fiskal-edge/card.pin' }
      return [{ kind: 'signature_card', name, entry: { driver: 'card-pkcs11', ...card }, first }]
    }
    case 'serial adapter':
      return []
    default:
      return kind satisfies never
  }
}

function tseOnUsb(device: UsbDevice, name: string, plugged: readonly UsbDevice[]): Found[] {
  const tse = USB_TSES.get(device.vendorId.slice(2))
  if (tse === undefined) return []
  const first = tse.first(device)
  const own = tse.entry(device)
  const entry = { driver: tse.driver, ...own, ...('serial' in own && { serial: serialName(device, plugged) }) }
  return [{ kind: 'tse', name, entry, ...(first !== undefined && { first }) }]
}

/** The units that a host of that maker may be or contain; undefined if its units are not on the network. */
function onNetwork(maker: string, host: string): Found[] | undefined {
  const first = 'connect it to the network and write its address for host'
  const found = (['fiscal_printer', 'tse'] as const).flatMap((kind) =>
    FAMILIES[kind].flatMap(({ driver, network }) =>
      network?.maker === maker
        ? [{ kind, name: `${host}${network.within}`, entry: { driver, ...network.entry }, first }]
        : [],
    ),
  )
  return found.length === 0 ? undefined : found
}

/**
 * Compares ids or line. Devices without a serial line are not distinguished: one entry of such a driver covers all of
 * them.
 */
function isUsed(device: UsbDevice, devices: readonly DeviceConfig[]): boolean {
  return devices.some((entry) => {
    const line = 'serial' in entry ? entry.serial : undefined
    const usb = usbOf(entry)
    if (usb !== undefined) return isSameUsb(device, usb)
    if (line?.path !== undefined) return device.tty !== undefined && realPath(line.path) === device.tty
    if (device.maker?.kind === 'card reader') return entry.driver.endsWith('-pkcs11')
    return device.tty === undefined && (device.maker?.lineless?.includes(entry.driver) ?? false)
  })
}

/** The USB ids in an entry, for a serial line or for a device without one. */
function usbOf(entry: DeviceConfig): Parameters<typeof isSameUsb>[1] | undefined {
  if ('usb' in entry && entry.usb !== undefined) return entry.usb
  return 'serial' in entry ? entry.serial?.usb : undefined
}

export function describeUsb({ name, serialNumber, tty, vendorId, productId }: UsbDevice): string {
  const serial = serialNumber === undefined ? 'no serial number' : `serial ${serialNumber}`
  return `${name} (${vendorId.slice(2)}:${productId.slice(2)}, ${serial}${tty === undefined ? '' : `, ${tty}`})`
}

export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function freeId(kind: DeviceKind, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const id = `${PREFIX[kind]}-${number}`
    if (taken.has(id)) continue
    taken.add(id)
    return id
  }
}
