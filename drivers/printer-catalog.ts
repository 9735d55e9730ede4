import type { SettingsOf } from './device-family.ts'
import { familyOf } from './device-family.ts'
import type { DriverContext } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import { CUSTOM } from './rt-custom/family.ts'
import { EPSON } from './rt-epson/family.ts'
import { EMBEDDED } from './rt-rch/embedded-family.ts'
import { RCH } from './rt-rch/family.ts'

/** The families of fiscal printers, in the order of the configuration example. */
export const PRINTERS = [RCH, CUSTOM, EMBEDDED, EPSON] as const

/** An entry of `devices` that is a fiscal printer. */
export type PrinterSettings = SettingsOf<(typeof PRINTERS)[number]>

/** Makes the driver of a fiscal printer without connecting it. */
export function makePrinter(settings: PrinterSettings, context: DriverContext): Promise<OpenedDevice<FiscalPrinter>> {
  return familyOf(PRINTERS, settings).make(settings as never, context)
}
