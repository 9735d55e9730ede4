import { PKCS11 } from './card-pkcs11/family.ts'
import { SIMULATED } from './card-simulator/family.ts'
import type { SettingsOf } from './device-family.ts'

/** The families of signature cards, in the order of the configuration example. */
export const CARDS = [SIMULATED, PKCS11] as const

/** An entry of `devices` that is a signature card. */
export type CardSettings = SettingsOf<(typeof CARDS)[number]>
