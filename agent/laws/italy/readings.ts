import type { Json } from '../../../base/canonical.ts'
import type { FiscalPrinter } from '../../../drivers/ports/fiscal-printer.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Journal } from '../../journal/journal.ts'
import { documentsOf, readWithin } from './found-documents.ts'
import { KnownPlaces } from './known-place.ts'
import { lastDocumentOf } from './last-document.ts'
import { sourceOf } from './source.ts'

/** Runs the acts of a device one at a time. */
type Recording = { exclusively(device: string, ask: () => Promise<Json>): Promise<Json> }

/** `z` as printed; `day`, `until`: `YYYY-MM-DD` of the printer. */
type Range = { z: number; from: number; to: number; day: string; until: string }

/** Time limit for reading some documents for a person: some memories need an exchange per line. */
const MEMORY_READING_MS = 120_000

/**
 * Reads the last document of a printer and compares it with the journal, or reads documents of its memory. The read is
 * queued between the shop's documents. If the printer is down, no act is running, and the read returns without waiting
 * for it.
 */
export function printerReadings({ journal, recorder }: { journal: Journal; recorder: Recording }) {
  const { view } = journal
  const source = sourceOf(journal)
  const places = new KnownPlaces(source)
  const queued = ({ id, usable }: DeviceSupervisor, ask: () => Promise<Json>): Promise<Json> =>
    usable ? recorder.exclusively(id, ask) : ask()
  return {
    lastDocument: (device: DeviceSupervisor, unit: FiscalPrinter, isBrief = false): Promise<Json> =>
      queued(device, () =>
        lastDocumentOf(device.id, unit, view.enrolledSerial(device.id), { source, places, isBrief }),
      ),
    printedDocuments: (
      device: DeviceSupervisor,
      unit: FiscalPrinter,
      { z, from, to, day, until }: Range,
    ): Promise<Json> =>
      queued(device, async () => {
        const span = { from: { z, number: from }, to: { z, number: to }, day, until }
        const memory = await readWithin(unit, span, MEMORY_READING_MS)
        return memory === undefined ? null : documentsOf(z, memory)
      }),
  }
}
