import type { CardSettings } from './card-catalog.ts'
import { makeCard } from './card-catalog.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { makePrinter } from './printer-catalog.ts'
import type { TseContext, TseSettings } from './tse-catalog.ts'
import { makeTse } from './tse-catalog.ts'

/** A device of the configuration. */
export type DeviceSettings = TseSettings | CardSettings | PrinterSettings

/** Makes the driver of one device without connecting it. A family is loaded only when a device needs it. */
export function makeDevice(settings: DeviceSettings, context: TseContext): Promise<OpenedDevice> {
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
