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
  switch (settings.driver) {
    case 'tse-simulator':
    case 'tse-pkcs11':
    case 'tse-cryptovision':
    case 'tse-diebold':
    case 'tse-epson':
    case 'tse-swissbit':
      return makeTse(settings, context)
    case 'card-simulator':
    case 'card-pkcs11':
      return makeCard(settings, context)
    case 'rt-rch':
    case 'rt-custom':
    case 'rt-epson':
    case 'rt-simulator':
      return makePrinter(settings, context)
  }
}
