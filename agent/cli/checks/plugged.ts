import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import type { UsbDevice } from '../../../drivers/links/usb-devices.ts'
import { isSameUsb, lineRemedy } from '../../../drivers/links/usb-devices.ts'
import { confusionOf, serialName, shownName } from '../../../drivers/links/usb-names.ts'
import type { Config } from '../../agent-config.ts'
import type { DeviceConfig } from '../../config/config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import type { Disks, Unconfigured } from './unconfigured.ts'
import { configurationLine, describeUsb, findUnconfigured, realPath } from './unconfigured.ts'

type Serial = { path?: string | undefined; usb?: UsbIds | undefined }
type UsbIds = Parameters<typeof isSameUsb>[1]
/** The plugged devices, those that belong to a device of the configuration, and whether the agent runs as root. */
type Present = { plugged: readonly UsbDevice[]; used: Set<UsbDevice>; isRoots: boolean }

const GROUPS = ['dialout', 'plugdev', 'fiskal-edge']

/** Devices that are configured and plugged in, only configured, or only plugged in. */
export async function checkPlugged(config: Config, plugged: readonly UsbDevice[], disks?: Disks): Promise<Finding[]> {
  const recognized = plugged.filter(({ maker, tty }) => maker !== undefined || tty !== undefined)
  const used = new Set<UsbDevice>()
  const isRoots = isAgentRoot(config.state)
  const lines = config.devices.flatMap((device) => {
    const serial = serialOf(device)
    if (serial !== undefined) return [checkSerial(device.id, serial, { plugged: recognized, used, isRoots })]
    // Found by its ids only: its maker may be unknown here.
    if ('usb' in device && device.usb !== undefined)
      return [checkUsb(device.id, device.usb, { plugged, used, isRoots })]
    return 'path' in device ? [checkFolder(device.id, device.path)] : []
  })
  const unconfigured = await findUnconfigured(config.devices, recognized, disks)
  const others = recognized.filter(
    (device) => !used.has(device) && !unconfigured.some(({ name }) => name.includes(describeUsb(device))),
  )
  return [...lines, ...unconfigured.map(unconfiguredLine), ...others.map(otherLine)]
}

function serialOf(device: DeviceConfig): Serial | undefined {
  return 'serial' in device ? device.serial : undefined
}

function checkSerial(id: string, serial: Serial, present: Present): Finding {
  const finding = findSerial(id, serial, present)
  if (finding.state === 'failure') return finding
  return unlessConfused(finding, { serial }, present)
}

/** An enrolled unit that answers continues: its serial number is asked at each connection. */
function unlessConfused(finding: Finding, line: Parameters<typeof confusionOf>[0], { plugged }: Present): Finding {
  const confusion = confusionOf(line, plugged)
  return confusion === undefined ? finding : caution(finding.check, confusion.message, confusion.remedy)
}

function findSerial(id: string, { path, usb }: Serial, { plugged, used, isRoots }: Present): Finding {
  const check = `line of ${id}`
  const free = plugged.filter((device) => device.tty !== undefined && !used.has(device))
  if (usb !== undefined) {
    const serialDevice = free.find((device) => isSameUsb(device, usb))
    const mute = plugged.find((device) => device.tty === undefined && isSameUsb(device, usb))
    if (serialDevice?.tty === undefined && mute !== undefined) {
      used.add(mute)
      return failure(check, `${describeUsb(mute)} is plugged in, but is not a serial line`, lineRemedy(mute))
    }
    if (serialDevice?.tty === undefined)
      return elsewhere(check, `${usb.vendorId}:${usb.productId} is not plugged in`, free, plugged)
    used.add(serialDevice)
    return checkAccess(check, serialDevice.tty, describeUsb(serialDevice), isRoots)
  }
  if (path === undefined) return ok(check, 'none')
  const serialDevice = free.find((device) => device.tty === realPath(path))
  if (serialDevice !== undefined) used.add(serialDevice)
  if (!existsSync(path)) return elsewhere(check, `${path} is not connected`, free, plugged)
  const access = checkAccess(check, path, serialDevice === undefined ? path : describeUsb(serialDevice), isRoots)
  if (access.state !== 'ok' || !/^\/dev\/tty(USB|ACM)\d+$/.test(path)) return access
  return caution(
    check,
    `${access.message}; the name ${path} changes with the socket`,
    serialDevice === undefined
      ? 'use its name in /dev/serial/by-id/'
      : `write ${shownName(serialName(serialDevice, plugged))} for "path"`,
  )
}

/** A device without a tty. */
function checkUsb(id: string, usb: UsbIds, present: Present): Finding {
  const { plugged, used, isRoots } = present
  const check = `line of ${id}`
  const usbDevice = plugged.find((device) => isSameUsb(device, usb) && !used.has(device))
  if (usbDevice === undefined) {
    return failure(check, `${usb.vendorId}:${usb.productId} is not plugged in`, 'check cable and power')
  }
  used.add(usbDevice)
  const { node, tty } = usbDevice
  if (tty !== undefined) {
    const remedy = `write "serial": { "usb": ${JSON.stringify(usb)} } for "usb"`
    return caution(check, `${describeUsb(usbDevice)} has a serial line`, remedy)
  }
  const access =
    node === undefined ? ok(check, describeUsb(usbDevice)) : checkAccess(check, node, describeUsb(usbDevice), isRoots)
  return access.state === 'failure' ? access : unlessConfused(access, { usb }, present)
}

/** The device may only be in another socket: then its new name is shown, and an entry that finds it in any socket. */
function elsewhere(check: string, message: string, free: readonly UsbDevice[], plugged: readonly UsbDevice[]): Finding {
  const [other] = free
  if (other === undefined) return failure(check, message, 'check cable and power: no serial line is plugged in')
  const name = serialName(other, plugged)
  const write = `if that is it: write ${shownName(name)} for "path"`
  const remedy = 'usb' in name ? `${write}; then it is found in every socket` : write
  return failure(check, `${message}, but ${describeUsb(other)} is`, remedy)
}

/** Root can open everything: then the group of the service decides, unless the agent runs as root as well. */
function checkAccess(check: string, path: string, message: string, isRoots: boolean): Finding {
  try {
    if (process.getuid?.() !== 0 || isRoots) accessSync(path, constants.R_OK | constants.W_OK)
    else if (!isOpenToService(path))
      return failure(
        check,
        `${message}: the service may not use it`,
        `chgrp dialout ${path} && chmod 660 ${path}; for good: fiskal-edge service install (udev rules)`,
      )
    return ok(check, message)
  } catch {
    return failure(check, `${message}: this user may not use it`, 'usermod -aG dialout USER, then log in again')
  }
}

function isOpenToService(path: string): boolean {
  const { gid, mode } = statSync(path)
  return (mode & 0o006) === 0o006 || ((mode & 0o060) === 0o060 && groupIds().has(gid))
}

/** An agent runs as the owner of its state; before there is a state, as the service's account, if it exists. */
function isAgentRoot(state: string): boolean {
  const owner = statSync(state, { throwIfNoEntry: false })?.uid
  return owner === undefined ? !hasServiceAccount() : owner === 0
}

function hasServiceAccount(): boolean {
  try {
    return /^fiskal-edge:/m.test(readFileSync('/etc/passwd', 'utf8'))
  } catch {
    return false
  }
}

/** Groups of the unit. */
function groupIds(): Set<number> {
  try {
    const rows = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .map((row) => row.split(':'))
    return new Set(rows.filter(([name]) => GROUPS.includes(name ?? '')).map(([, , gid]) => Number(gid)))
  } catch {
    return new Set()
  }
}

/** A TSE that is a disk. */
function checkFolder(id: string, path: string): Finding {
  const check = `disk of ${id}`
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    return failure(
      check,
      `${path} does not exist`,
      `plug the TSE in and mount it anywhere; then "fiskal-edge service install" writes the unit that mounts it on ${path}`,
    )
  }
  return ok(check, path)
}

function unconfiguredLine({ name, entry, first }: Unconfigured): Finding {
  const paste = `add to "devices": ${configurationLine(entry)}`
  return caution('plugged in', `${name}, not configured`, first === undefined ? paste : `${first}, then ${paste}`)
}

/** A device that an entry uses under another name, or an adapter, which is not a fiscal device. */
function otherLine(device: UsbDevice): Finding {
  const kind = device.maker === undefined ? 'serial line' : `${device.maker.name} ${device.maker.kind}`
  return ok('plugged in', `${kind}: ${describeUsb(device)}`)
}
