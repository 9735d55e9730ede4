import type { SettingsOf, TseDisk, TseUsb } from './device-family.ts'
import type { Makers } from './links/usb-devices.ts'
import { OTHER_MAKERS } from './links/usb-devices.ts'
import { CRYPTOVISION } from './tse-cryptovision/family.ts'
import { DIEBOLD } from './tse-diebold/family.ts'
import { EPSON } from './tse-epson/family.ts'
import { PKCS11 } from './tse-pkcs11/family.ts'
import { SIMULATED } from './tse-simulator/family.ts'
import { SWISSBIT } from './tse-swissbit/family.ts'

/** The families of TSEs, in the order of the configuration example. */
export const TSES = [SIMULATED, CRYPTOVISION, SWISSBIT, EPSON, DIEBOLD, PKCS11] as const

/** An entry of `devices` that is a TSE. */
export type TseSettings = SettingsOf<(typeof TSES)[number]>

/** The name of the driver of a TSE. */
export type TseDriver = TseSettings['driver']

/** The TSEs that are drives, by their drivers. */
export const TSE_DISKS: ReadonlyMap<string, TseDisk & { driver: TseDriver }> = new Map(
  TSES.flatMap(({ driver, disk }) => (disk === undefined ? [] : [[driver, { ...disk, driver }]])),
)

/** The TSEs that their USB ids identify, by the id of their maker. */
export const USB_TSES: ReadonlyMap<string, TseUsb & { driver: TseDriver }> = new Map(
  TSES.flatMap(({ driver, usb }) => (usb === undefined ? [] : [[usb.vendorId, { ...usb, driver }]])),
)

/** All known makers of USB devices. */
export const MAKERS: Makers = new Map([
  ...OTHER_MAKERS,
  ...[...USB_TSES.values()].map(
    ({ vendorId, maker: name, driver, isLineless }) =>
      [vendorId, { name, kind: 'tse' as const, ...(isLineless && { lineless: [driver] }) }] as const,
  ),
])
