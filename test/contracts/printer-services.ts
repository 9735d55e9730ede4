import { expect, test } from 'vitest'
import { coffee } from './printer-bench.ts'
import type { FaultBench } from './printer-faults.ts'

/** Faults at which the printer refuses each of its services. */
export type ServiceFaults = { report: string; drawer: string; duplicate: string; gift?: string }

/** The services of the printer other than documents. */
export function describeServices(name: string, refused: ServiceFaults, factory: () => Promise<FaultBench>): void {
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

  test(`${name}: a duplicate is the last document again, a gift receipt has no amount`, async () => {
    const { printer, records, destroy } = await factory()
    try {
      await printer.open()
      await expect(printer.printDuplicate()).rejects.toMatchObject({ code: 'no_data', effect: 'none' })
      const { documentNumber } = await printer.print(coffee(), await printer.baseline())
      await printer.printDuplicate()
      await printer.printGift?.()
      const copies = printoutsOf(records())
      expect(copies).toHaveLength(refused.gift === undefined ? 1 : 2)
      for (const copy of copies) expect(copy).toContain(`DOCUMENTO N. ${documentNumber}`)
      expect(copies[0]).toContain('12,50')
      expect(copies[1] ?? '').not.toMatch(/\d,\d\d/)
    } finally {
      await destroy()
    }
  })

  test(`${name}: after a lost reply to a printout the next document is printed once`, async () => {
    const { printer, records, printed, inject, destroy } = await factory()
    try {
      await printer.open()
      await printer.print(coffee(), await printer.baseline())
      const baseline = await printer.baseline()
      inject(refused.duplicate)
      await expect(printer.printDuplicate()).rejects.toMatchObject({ effect: 'none' })
      await printer.print(coffee(), baseline)
      expect(printed()).toHaveLength(2)
      expect(printoutsOf(records()).length).toBeLessThanOrEqual(1)
    } finally {
      await destroy()
    }
  })
}

function printoutsOf(records: ReturnType<FaultBench['records']>): readonly string[] {
  return records.flatMap((record) => (record.type === 'printout' ? [record.lines.join('\n')] : []))
}
