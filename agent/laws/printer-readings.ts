import type { Json } from '../../base/canonical.ts'
import type { FiscalPrinter } from '../../drivers/ports/fiscal-printer.ts'

/** `z` as printed; `day`, `until`: `YYYY-MM-DD` of the printer. */
export type DocumentRange = { z: number; from: number; to: number; day: string; until: string }

/** The readings that a technician takes from the printer of a device. */
export type PrinterReadings = {
  /** The last document of the printer and the journal's; `isBrief`: only the comparison is needed. */
  lastDocument(device: string, unit: FiscalPrinter, isBrief: boolean): Promise<Json>
  /** Documents of the printer's memory by number; null if the memory cannot be read. */
  printedDocuments(unit: FiscalPrinter, range: DocumentRange): Promise<Json>
}
