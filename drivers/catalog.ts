import type { CardSettings } from './card-catalog.ts'
import { CARDS, makeCard } from './card-catalog.ts'
import type { DriverContext } from './opened-device.ts'
import type { DeviceKind, OpenedDevice } from './ports/device.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { makePrinter, PRINTERS } from './printer-catalog.ts'
import type { TseSettings } from './tse-catalog.ts'
import { makeTse, TSES } from './tse-catalog.ts'

/** The families of devices by their kind, in the order in which documents name them. */
export const FAMILIES = { tse: TSES, 'signature-card': CARDS, 'fiscal-printer': PRINTERS } as const satisfies Record<
  DeviceKind,
  unknown
>

/** A device of the configuration. */
export type DeviceSettings = TseSettings | CardSettings | PrinterSettings

/** Makes the driver of one device without connecting it. A family is loaded only when a device needs it. */
export function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  if (isOf('tse', settings)) return makeTse(settings, context)
  return isOf('card', settings) ? makeCard(settings, context) : makePrinter(settings, context)
}

/** The name of a driver begins with its kind. */
function isOf<Kind extends 'tse' | 'card'>(
  kind: Kind,
  settings: DeviceSettings,
): settings is Extract<DeviceSettings, { driver: `${Kind}-${string}` }> {
  return settings.driver.startsWith(`${kind}-`)
}
