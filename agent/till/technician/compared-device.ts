import type { Json } from '../../../base/canonical.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import type { Compared } from '../../devices/compared-numbers.ts'
import { comparedNumbers } from '../../devices/compared-numbers.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Journal } from '../../journal/journal.ts'

type Parts = {
  journal: Journal
  lastDocument: (device: DeviceSupervisor, unit: RtPrinter, isBrief: boolean) => Promise<Json>
}

/** These are not the unit in the journal, or cannot be read. */
const OTHERS: ReadonlySet<string> = new Set(['foreign', 'retired', 'not_initialised', 'disabled'])

/**
 * Compares the device's counters with the journal: transactions of a TSE, documents of a printer. Null if there is
 * nothing to compare: a card has no counters, and a device without registers has no data of this shop.
 */
export async function comparedDevice(device: DeviceSupervisor, { journal, lastDocument }: Parts): Promise<Json> {
  const { id, asTse, asPrinter } = device
  if (journal.view.enrolledSerial(id) === undefined) return null
  if (asPrinter !== undefined) return ofPrinter(await lastDocument(device, asPrinter.unit, true))
  if (asTse === undefined) return null
  await device.look()
  const { trouble, identity } = device
  if (identity === undefined || OTHERS.has(trouble?.code ?? ''))
    return { agrees: null, message: trouble?.message ?? 'it has not answered yet' }
  return comparedNumbers(journal, id, asTse.unit)
}

/** A document keyed in at the printer is ahead of the journal and proves nothing against it. */
function ofPrinter(told: Json): Compared & { code?: string } {
  const { agrees, advice, code, level } = told as { readonly [member: string]: Json | undefined }
  const isNote = level === 'note'
  return {
    agrees: isNote ? null : (agrees as boolean | null),
    message: String(advice),
    ...(typeof code === 'string' && { code }),
  }
}
