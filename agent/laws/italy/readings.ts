import type { Json } from '../../../base/canonical.ts'
import type { FiscalPrinter } from '../../../drivers/ports/fiscal-printer.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Journal } from '../../journal/journal.ts'
import { documentsOf, readWithin } from './found-documents.ts'
import { KnownPlaces } from './known-place.ts'
import { lastDocumentOf } from './last-document.ts'
import { sourceOf } from './source.ts'

/** Who does the acts of a device one after the other. */
type Recording = { exclusively(device: string, ask: () => Promise<Json>): Promise<Json> }

/** `z` as printed; `day`, `until`: `YYYY-MM-DD` of the printer. */
type Range = { z: number; from: number; to: number; day: string; until: string }

/** Of some documents, for a person who waits: a line of some memories is an exchange. */
const MEMORY_READING_MS = 120_000

/**
 * Reads what a printer printed last, beside what the journal thinks it was, or some documents of its memory. Between two
 * documents of the shop: it waits for its turn as they do. At a printer that is out nothing is under way, and nobody waits for
 * it to answer.
 */
export function printerReadings({ journal, recorder }: { journal: Journal; recorder: Recording }) {
  const { view } = journal
  const source = sourceOf(journal)
  const places = new KnownPlaces(source)
  const inTurn = ({ id, usable }: DeviceSupervisor, ask: () => Promise<Json>): Promise<Json> =>
    usable ? recorder.exclusively(id, ask) : ask()
  return {
    lastDocument: (device: DeviceSupervisor, unit: FiscalPrinter, isBrief = false): Promise<Json> =>
      inTurn(device, () =>
        lastDocumentOf(device.id, unit, view.enrolledSerial(device.id), { source, places, isBrief }),
      ),
    printedDocuments: (
      device: DeviceSupervisor,
      unit: FiscalPrinter,
      { z, from, to, day, until }: Range,
    ): Promise<Json> =>
      inTurn(device, async () => {
        const span = { from: { z, number: from }, to: { z, number: to }, day, until }
        const memory = await readWithin(unit, span, MEMORY_READING_MS)
        return memory === undefined ? null : documentsOf(z, memory)
      }),
  }
}
