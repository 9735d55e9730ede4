import type { Journal } from '../../journal/journal.ts'
import type { PrinterReadings } from '../printer-readings.ts'
import { documentsOf, readWithin } from './found-documents.ts'
import { KnownPlaces } from './known-place.ts'
import { lastDocumentOf } from './last-document.ts'
import { exchangedEvent } from './left-periods.ts'
import { openPeriod } from './open-period.ts'
import type { PeriodSettings } from './period.ts'
import { sourceOf } from './source.ts'

/** Time limit for reading some documents for a person: some memories need an exchange per line. */
const MEMORY_READING_MS = 120_000

/** Reads the last document of a printer and compares it with the journal, or reads documents of its memory. */
export function printerReadings(journal: Journal, settings: PeriodSettings): PrinterReadings {
  const { view } = journal
  const source = sourceOf(journal)
  const places = new KnownPlaces(source)
  return {
    lastDocument: (device, unit, isBrief) =>
      lastDocumentOf(device, unit, view.enrolledSerial(device), { source, places, isBrief }),
    printedDocuments: async (unit, { z, from, to, day, until }) => {
      const span = { from: { z, number: from }, to: { z, number: to }, day, until }
      const memory = await readWithin(unit, span, MEMORY_READING_MS)
      return memory === undefined ? null : documentsOf(z, memory)
    },
    leftPeriod: async (serial) => {
      const period = await openPeriod({ ...source, places }, settings, serial)
      if (period === undefined) return undefined
      const shown = { ...period, vat: [...period.vat] }
      return { shown, event: (view, device, at) => exchangedEvent(view, device, period, at) }
    },
  }
}
