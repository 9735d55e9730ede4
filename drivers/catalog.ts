import type { CardSettings } from './card-catalog.ts'
import { CARDS } from './card-catalog.ts'
import { familyOf } from './device-family.ts'
import type { DriverContext } from './opened-device.ts'
import type { DeviceKind, OpenedDevice } from './ports/device.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { PRINTERS } from './printer-catalog.ts'
import type { TseSettings } from './tse-catalog.ts'
import { TSES } from './tse-catalog.ts'
import { SHARED_EXAMPLE } from './tse-settings.ts'

/** The families of devices by their kind, in the order in which documents name them. */
export const FAMILIES = { tse: TSES, signature_card: CARDS, fiscal_printer: PRINTERS } as const satisfies Record<
  DeviceKind,
  unknown
>

/** The entries of the configuration example, by kind. */
export const EXAMPLES: Readonly<Record<DeviceKind, readonly string[]>> = {
  tse: [...TSES.map(({ example }) => example), SHARED_EXAMPLE],
  signature_card: CARDS.map(({ example }) => example),
  fiscal_printer: PRINTERS.map(({ example }) => example),
}

/** All of them. */
export const ALL_FAMILIES = Object.values(FAMILIES).flat()

/** A device of the configuration. */
export type DeviceSettings = TseSettings | CardSettings | PrinterSettings

/** Makes the driver of one device without connecting it. A family is loaded only when a device needs it. */
export async function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  const opened = await familyOf(ALL_FAMILIES, settings).make(settings as never, context)
  const inventory = 'inventory' in settings ? settings.inventory : undefined
  const certifiedUntil = 'certifiedUntil' in settings ? settings.certifiedUntil : null
  return {
    ...opened,
    ...(inventory !== undefined && { inventory }),
    ...(certifiedUntil !== null && { certifiedUntil }),
  }
}
