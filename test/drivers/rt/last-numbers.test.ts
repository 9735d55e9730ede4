import { expect, onTestFinished, test } from 'vitest'
import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openCustomBench } from '../rt-custom/bench.ts'
import { openEpsonBench } from '../rt-epson/bench.ts'
import { openRchBench } from '../rt-rch/bench.ts'
import { historyOf } from './opened-bench.ts'

type Open = (history?: readonly MemoryRecord[]) => Promise<FaultBench>

const families: readonly (readonly [string, Open])[] = [
  ['RCH', (history = []) => openRchBench({ line: 'tcp', history })],
  ['Custom', (history) => openCustomBench('tcp', history)],
  ['Epson', (history) => openEpsonBench(8000, history)],
]

async function opened(open: Open, history?: readonly MemoryRecord[]): Promise<FaultBench> {
  const bench = await open(history)
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  return bench
}

test.each(families)('%s: a period ends with document 9999, and the closure makes room', async (_, open) => {
  const { printer, printed } = await opened(open, historyOf(100, 9998))
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ documentNumber: '0101-9999' })
  const full = await printer.baseline()
  await expect(printer.print(coffee(), full)).rejects.toMatchObject({ code: 'closure_due', effect: 'none' })
  expect(printed()).toHaveLength(9999)
  expect(await printer.closeDay(full)).toMatchObject({ z: 101 })
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ documentNumber: '0102-0001' })
})

test.each(families)('%s: closure 9999 is the last, and nothing is printed after it', async (_, open) => {
  const { printer, printed, records } = await opened(open, historyOf(9998, 1))
  const last = await printer.baseline()
  expect(await printer.print(coffee(), last)).toMatchObject({ documentNumber: '9999-0002' })
  expect(await printer.closeDay(last)).toMatchObject({ z: 9999 })
  const full = await printer.baseline()
  const refusal = { code: 'memory_full', effect: 'none' }
  await expect(printer.print(coffee(), full)).rejects.toMatchObject(refusal)
  await expect(printer.closeDay(full)).rejects.toMatchObject(refusal)
  expect(printed()).toHaveLength(2)
  expect(records().filter(({ type }) => type === 'closure')).toHaveLength(2)
  expect(await printer.print({ kind: 'cash', amountCents: 500n }, full)).toMatchObject({ kind: 'cash' })
})

test.each(families.slice(1))('%s: a total of nine digits is printed, one cent more refused', async (_, open) => {
  const { printer, printed } = await opened(open)
  const baseline = await printer.baseline()
  const one = { vat: '0.22', unitPriceCents: 999_999_998n, quantity: '1', text: 'Quadro' }
  const more = { ...one, unitPriceCents: 1n }
  const paid = [999_999_998n, 1n, 1n].map((amountCents) => ({ tender: 4, amountCents }))
  await expect(printer.print(coffee({ lines: [one, more, more], payments: paid }), baseline)).rejects.toMatchObject({
    code: 'refused',
    effect: 'none',
  })
  expect(printed()).toEqual([])
  const sold = await printer.print(coffee({ lines: [one, more], payments: paid.slice(0, 2) }), baseline)
  expect(printed()).toMatchObject([{ documentNumber: sold.documentNumber, totalCents: 999_999_999 }])
  expect((await printer.baseline()).number).toBe(1)
})
