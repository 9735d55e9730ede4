import type { Json } from '../../base/canonical.ts'
import type { RtPrinter } from '../../drivers/ports/rt-printer.ts'
import type { NewEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

/** `z` as printed; `day`, `until`: `YYYY-MM-DD` of the printer. */
export type DocumentRange = { z: number; from: number; to: number; day: string; until: string }

/** A period that stays open in a printer that is exchanged: for the technician, and for the journal. */
export type LeftPeriod = {
  readonly shown: Json
  event(view: Pick<View, 'unit'>, device: string, at: string): NewEvent
}

/** The readings that a technician takes from the printer of a device. */
export type PrinterReadings = {
  /** The last document of the printer and the journal's; `isBrief`: only the comparison is needed. */
  lastDocument(device: string, unit: RtPrinter, isBrief: boolean): Promise<Json>
  /** Documents of the printer's memory by number; null if the memory cannot be read. */
  printedDocuments(unit: RtPrinter, range: DocumentRange): Promise<Json>
  /** The period that an exchange of the printer with that serial number leaves in no closing; undefined without one. */
  leftPeriod(serial: string): Promise<LeftPeriod | undefined>
}
