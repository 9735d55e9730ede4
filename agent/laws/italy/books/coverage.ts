import type { Json } from '../../../../base/canonical.ts'
import type { PrinterCoverage } from './printer.ts'

/** The members that the books of Italy add to a report; none if there is no printer. */
export function coverageOf(printers: readonly PrinterCoverage[]): Readonly<Record<string, Json>> {
  return printers.length === 0 ? {} : { printers }
}

export function printersIn({ printers = [] }: Readonly<Record<string, unknown>>): readonly PrinterCoverage[] {
  return printers as readonly PrinterCoverage[]
}
