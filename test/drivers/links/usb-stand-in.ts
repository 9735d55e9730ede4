import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import type { PipeDevice } from '../../../drivers/links/usb-pipe.ts'

type Interfaces = NonNullable<PipeDevice['configuration']>['interfaces']

/** The device that the stand-in for the package `usb` presents. */
export type UsbStandIn = {
  port: number
  address: number
  interfaces: Interfaces
  /** `open` is refused with that text of the package. */
  refusal?: string
  /** A driver of the kernel has the interface until it is detached. */
  hasDriver?: boolean
  /** Another program has claimed the interface. */
  isClaimed?: boolean
  /** Unplugged once it is claimed. */
  isGone?: boolean
  /** Takes no bytes. */
  isStuck?: boolean
  /** Takes a part of the bytes. */
  takesAtMost?: number
  /** The library ends its process at a write. */
  crashes?: boolean
}

export const IDS = { vendorId: '0x0dd4', productId: '0x01a8', serialNumber: 'K3' }

function end(endpointNumber: number, direction: string) {
  return { endpointNumber, direction, type: 'bulk', packetSize: 64 } as const
}

export function interfaceOf(
  interfaceNumber: number,
  interfaceClass: number,
  interfaceProtocol: number,
  alternateSetting = 0,
): Interfaces[number] {
  return {
    interfaceNumber,
    alternates: [
      {
        alternateSetting,
        interfaceClass,
        interfaceProtocol,
        endpoints: [end(interfaceNumber + 1, 'in'), end(2, 'out')],
      },
    ],
  }
}

/** A printer with a disk in it: the interface of class 7 is the one. */
const PRINTER = [interfaceOf(0, 8, 80), interfaceOf(1, 7, 2)]

/** Until the test ends the children of USB links get the stand-in instead of the package. */
export function standIn(settings: Partial<UsbStandIn> & { port: number }): void {
  withoutPackage()
  vi.stubEnv('USB_STAND_IN', JSON.stringify({ address: 5, interfaces: PRINTER, ...settings } satisfies UsbStandIn))
}

/** Until the test ends the package is not installed. */
export function withoutPackage(): void {
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  vi.stubEnv('USB_STAND_IN', undefined)
  vi.stubEnv('NODE_OPTIONS', `--import=${join(import.meta.dirname, 'children', 'usb-hook.ts')}`)
}

/** A tree as the kernel shows it under /sys, with sockets into which a device is plugged. */
export function socketsOf(): {
  sysfs: string
  plug(socket: string, address: number): void
  unplug(socket: string): void
} {
  const sysfs = mkdtempSync(join(tmpdir(), 'sysfs-'))
  const folder = (socket: string): string => join(sysfs, 'bus', 'usb', 'devices', socket)
  mkdirSync(folder(''), { recursive: true })
  return {
    sysfs,
    plug: (socket, address) => {
      mkdirSync(folder(socket))
      const place = {
        busnum: '1',
        devnum: String(address),
        devpath: '2',
        speed: '12',
        version: ' 2.00',
        bcdDevice: '0100',
      }
      const kind = { bDeviceClass: '00', bDeviceSubClass: '00', bDeviceProtocol: '00' }
      const facts = { idVendor: '0dd4', idProduct: '01a8', serial: 'K3', ...place, ...kind }
      for (const [name, text] of Object.entries(facts)) writeFileSync(join(folder(socket), name), `${text}\n`)
    },
    unplug: (socket) => rmSync(folder(socket), { recursive: true }),
  }
}
