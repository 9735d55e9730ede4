import type { DeviceUnit } from '../ports/device.ts'
import type { TseIdentity } from '../ports/tse.ts'
import { lookCard, refusalOfCard } from './look-card.ts'
import { lookAtPrinter } from './look-printer.ts'
import { lookAtTse } from './look-tse.ts'
import type { Say } from './step.ts'

/**
 * `firmware`: the words of the device about itself. `identity`: of a TSE. `refusal`: the reason why the recording must
 * not be kept.
 */
export type Look = {
  firmware: string | undefined
  identity?: TseIdentity | undefined
  refusal?: string | undefined
}

/** Asks a device all that can be read. Throws if the line is lost. */
export async function lookAt(unit: DeviceUnit, say: Say): Promise<Look> {
  switch (unit.kind) {
    case 'tse': {
      const { identity, health } = await lookAtTse(unit, say)
      return { firmware: health?.description, identity }
    }
    case 'fiscal_printer':
      return { firmware: (await lookAtPrinter(unit, say)).health?.description }
    case 'signature_card': {
      const card = await lookCard(unit, say)
      return { firmware: card?.description, refusal: card && refusalOfCard(card.certificates) }
    }
  }
}
