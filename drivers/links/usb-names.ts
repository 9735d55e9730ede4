import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { UsbDevice } from './usb-devices.ts'
import { isSameUsb, listUsbDevices, usbIdentity } from './usb-devices.ts'
import type { UsbIds } from './usb-port.ts'

const BY_PATH = '/dev/serial/by-path'
/** Names that udev or the kernel gives to one of several adapters with the same ids. */
const NAME_OF_ANY = /^\/dev\/(serial\/by-id\/|tty(USB|ACM)\d+$)/

type Name = { path?: string | undefined; usb?: UsbIds | undefined }
/** As an entry of `devices` names it: a serial line, or a device without one. */
type NamedLine = { serial?: Name | undefined; usb?: UsbIds | undefined }
/** Why the name of a line may lead to another device, and what to write for it. */
export type Confusion = { message: string; remedy: string }

/** The names of serial lines by the socket that they are plugged into, by their tty. */
export function socketNames(folder = BY_PATH): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const name of entriesOf(folder).toSorted().toReversed()) {
    const path = join(folder, name)
    names.set(realPath(path), path)
  }
  return names
}

/** How an entry names the serial line of that device: by its ids if no other has them, else by its socket. */
export function serialName(
  device: UsbDevice,
  plugged: readonly UsbDevice[],
  sockets = socketNames(),
): { usb: ReturnType<typeof usbIdentity> } | { path: string } {
  const usb = usbIdentity(device)
  if (plugged.filter((other) => isSameUsb(other, usb)).length <= 1) return { usb }
  return { path: sockets.get(device.tty ?? '') ?? `${BY_PATH}/…` }
}

/** As it is written in an entry. */
export function shownName(name: ReturnType<typeof serialName>): string {
  return 'usb' in name ? `"usb": ${JSON.stringify(name.usb)}` : `"path": ${JSON.stringify(name.path)}`
}

/** Undefined if the name of the line can lead to one connected device only. */
export function confusionOf(
  { serial, usb }: NamedLine,
  plugged: readonly UsbDevice[],
  sockets = socketNames(),
): Confusion | undefined {
  const ids = serial?.usb ?? usb
  const ofKind = plugged.filter(({ tty }) => serial === undefined || tty !== undefined)
  const alike = ids === undefined ? twinsAt(serial?.path, ofKind) : ofKind.filter((device) => isSameUsb(device, ids))
  const [first] = alike
  if (first === undefined || alike.length === 1) return undefined
  const { serialNumber } = ids ?? first
  const number = serialNumber === undefined ? '' : ` and the serial number ${serialNumber}`
  const message = `${alike.length} connected devices have the ids ${first.vendorId.slice(2)}:${first.productId.slice(2)}${number}: the line may be that of any.`
  const names =
    serial === undefined
      ? linelessNames(alike, plugged)
      : alike.map((each) => shownName(serialName(each, plugged, sockets)))
  const remedy =
    names.length === 0
      ? 'Connect one of them in another way: by its serial line or the network.'
      : `Write the one that is meant for "${ids === undefined ? 'path' : 'usb'}": ${names.join(' or ')}.`
  return { message, remedy }
}

/** For an entry of `devices`: looks at what is connected now. */
export async function lineConfusion(entry: object): Promise<Confusion | undefined> {
  const line: NamedLine = entry
  if (line.serial === undefined && line.usb === undefined) return undefined
  return confusionOf(line, await listUsbDevices(new Map()))
}

/** Without a serial line there is no name by the socket. */
function linelessNames(alike: readonly UsbDevice[], plugged: readonly UsbDevice[]): string[] {
  return alike
    .map(usbIdentity)
    .filter((ids) => plugged.filter((each) => isSameUsb(each, ids)).length === 1)
    .map((usb) => shownName({ usb }))
}

/** The adapters with ids and number of the one at that path, itself included. */
function twinsAt(path: string | undefined, plugged: readonly UsbDevice[]): readonly UsbDevice[] {
  if (path === undefined || !NAME_OF_ANY.test(path)) return []
  const adapter = plugged.find(({ tty }) => tty === realPath(path))
  if (adapter === undefined) return []
  return plugged.filter((each) => isSameUsb(each, usbIdentity(adapter)) && each.serialNumber === adapter.serialNumber)
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
