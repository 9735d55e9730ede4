import type { DeviceUnit } from '../ports/device.ts'
import { lookCard } from './look-card.ts'
import { lookAtPrinter } from './look-printer.ts'
import { lookAtTse } from './look-tse.ts'
import type { Say } from './step.ts'

/** Asks a device all that can be read, and returns its own words about itself. Throws if the line is lost. */
export async function lookAt(unit: DeviceUnit, say: Say): Promise<{ firmware: string | undefined }> {
  switch (unit.kind) {
    case 'tse':
      return { firmware: (await lookAtTse(unit, say)).health?.description }
    case 'fiscal_printer':
      return { firmware: (await lookAtPrinter(unit, say)).health?.description }
    case 'signature_card':
      return { firmware: (await lookCard(unit, say))?.description }
  }
}
