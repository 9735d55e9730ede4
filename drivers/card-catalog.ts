import { PKCS11 } from './card-pkcs11/family.ts'
import { SIMULATED } from './card-simulator/family.ts'
import type { SettingsOf } from './device-family.ts'
import { familyOf } from './device-family.ts'
import type { DriverContext } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { SignatureCard } from './ports/signature-card.ts'

/** The families of signature cards, in the order of the configuration example. */
export const CARDS = [SIMULATED, PKCS11] as const

/** An entry of `devices` that is a signature card. */
export type CardSettings = SettingsOf<(typeof CARDS)[number]>

/** Makes the driver of a signature card without connecting it. */
export function makeCard(settings: CardSettings, context: DriverContext): Promise<OpenedDevice<SignatureCard>> {
  return familyOf(CARDS, settings).make(settings as never, context)
}
