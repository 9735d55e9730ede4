import type { SettingsOf } from './device-family.ts'
import { CUSTOM } from './rt-custom/family.ts'
import { EPSON } from './rt-epson/family.ts'
import { EMBEDDED } from './rt-rch/embedded-family.ts'
import { RCH } from './rt-rch/family.ts'

/** The families of fiscal printers, in the order of the configuration example. */
export const PRINTERS = [RCH, CUSTOM, EMBEDDED, EPSON] as const

/** An entry of `devices` that is a fiscal printer. */
export type PrinterSettings = SettingsOf<(typeof PRINTERS)[number]>
