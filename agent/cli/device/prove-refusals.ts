import { join } from 'node:path'
import { CodedError } from '../../../base/thrown.ts'
import { holderOf } from '../../../drivers/links/port-holder.ts'
import { isTakenByKernel } from '../../../drivers/links/usb-driver.ts'
import { findUsbPort, usbNode } from '../../../drivers/links/usb-port.ts'
import { TSE_DISKS } from '../../../drivers/tse-catalog.ts'
import type { DeviceConfig } from '../../config/config.ts'
import { lockHolder, StateLockedError } from '../../journal/disk/lock.ts'
import { isOfAnother } from '../checks/state.ts'
import { confirm } from '../terminal/confirmation.ts'

/**
 * Throws if an agent or another program uses the device: a second program on its line breaks the sales of the first.
 * Asked before root's rights are left, as they alone show the files of all processes.
 */
export async function refuseUsed(state: string, device: DeviceConfig): Promise<void> {
  if (isOfAnother(state))
    throw new CodedError(
      'state_unreachable',
      `${state} belongs to another user, whose agent does not show here: repeat the command as root.`,
    )
  const agent = lockHolder(state)
  if (agent !== undefined) throw new StateLockedError(state, agent)
  const place = await placeOf(device)
  const holder = place && (await holderOf(place))
  if (holder !== undefined)
    throw new CodedError('port_in_use', `${place} is used by ${holder}: stop that program, then repeat the command.`)
  if ('usb' in device && device.usb !== undefined && (await isTakenByKernel(device.usb)))
    throw new CodedError(
      'port_in_use',
      'The kernel (usblp) has the printer and would not get it back: unplug it, stop CUPS, "rmmod usblp", plug it in and repeat the command.',
    )
  // No file of this machine shows who else is connected, or only root sees the files of other users' programs.
  if (place === undefined || process.getuid?.() !== 0)
    await confirm('No other program shows here: every till with this device is closed?', 'closed', AT_TERMINAL)
}

/** The advice to a script. */
export const AT_TERMINAL = 'Run the command at a terminal.'

/** The file that a program with this device has open; undefined if this machine has no such file. */
async function placeOf(device: DeviceConfig): Promise<string | undefined> {
  if ('serial' in device && device.serial !== undefined) {
    const { path, usb } = device.serial
    return path ?? (usb && (await findUsbPort(usb)))
  }
  if ('usb' in device && device.usb !== undefined) return usbNode(device.usb)
  const disk = TSE_DISKS.get(device.driver)
  return disk !== undefined && 'path' in device ? join(device.path, disk.file) : undefined
}
