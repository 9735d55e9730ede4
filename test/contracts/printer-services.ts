import { expect, test } from 'vitest'
import type { PrinterBench } from './printer-bench.ts'

/**
 * The services of the printer other than documents: faults at which it refuses to print its report, and to open the
 * drawer.
 */
export function describeServices(
  name: string,
  refused: { report: string; drawer: string },
  factory: () => Promise<PrinterBench>,
): void {
  test(`${name}: report and drawer are commands of the printer, and its refusal is reported`, async () => {
    const { printer, inject, destroy } = await factory()
    try {
      await printer.open()
      inject(refused.report)
      await expect(printer.printReport()).rejects.toMatchObject({ effect: 'none' })
      inject(refused.drawer)
      await expect(printer.openDrawer()).rejects.toMatchObject({ effect: 'none' })
      await printer.printReport()
      await printer.openDrawer()
    } finally {
      await destroy()
    }
  })
}
