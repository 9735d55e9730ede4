import type { DeviceUnit } from '../ports/device.ts'
import type { TseIdentity } from '../ports/tse.ts'
import { lookCard, refusalOfCard } from './look-card.ts'
import { lookAtPrinter } from './look-printer.ts'
import { lookAtTse } from './look-tse.ts'
import type { Say } from './step.ts'

/** `firmware`: the words of the device about itself. `refusal`: the reason why the recording must not be kept. */
export type Look = { firmware: string | undefined } & (
  | { kind: 'tse'; identity: TseIdentity | undefined }
  | { kind: 'signature_card'; refusal: string | undefined }
  | { kind: 'fiscal_printer' }
)

/** Asks a device all that can be read. Throws if the line is lost. */
export async function lookAt(unit: DeviceUnit, say: Say): Promise<Look> {
  switch (unit.kind) {
    case 'tse': {
      const { identity, health } = await lookAtTse(unit, say)
      return { kind: unit.kind, firmware: health?.description, identity }
    }
    case 'fiscal_printer':
      return { kind: unit.kind, firmware: (await lookAtPrinter(unit, say)).health?.description }
    case 'signature_card': {
      const card = await lookCard(unit, say)
      return { kind: unit.kind, firmware: card?.description, refusal: card && refusalOfCard(card.certificates) }
    }
  }
}
