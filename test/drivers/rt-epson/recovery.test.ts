import { afterEach, beforeEach, expect, test } from 'vitest'
import { coffee } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openEpsonBench } from './bench.ts'

// The service reads no text of the memory: a lost document is known by number and total only, and reported so.

let bench: FaultBench
beforeEach(async () => {
  bench = await openEpsonBench(1000)
  await bench.printer.open()
})
afterEach(() => bench.destroy())

test('a sale of another total at the panel is not taken for ours: ours is printed', async () => {
  const { printer, keyInSale, printed } = bench
  const baseline = await printer.baseline()
  keyInSale(999)
  expect(await printer.settle(coffee(), baseline)).toBeUndefined()
  expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0002', certain: true })
  expect(printed()).toHaveLength(2)
})

test('a document equal to ours is reported as uncertain, and nothing is printed twice', async () => {
  const { printer, keyInSale, printed } = bench
  const baseline = await printer.baseline()
  keyInSale(1250)
  expect(await printer.settle(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0001', certain: false })
  expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0001', certain: false })
  expect(printed()).toHaveLength(1)
})

test('of several documents since, none is taken for ours: the outcome stays unknown', async () => {
  const { printer, keyInSale, printed } = bench
  const baseline = await printer.baseline()
  keyInSale(1250)
  keyInSale(1250)
  await expect(printer.settle(coffee(), baseline)).rejects.toMatchObject({ effect: 'unknown' })
  expect(printed()).toHaveLength(2)
})

test.each([
  ['it may be the one that was printed', 1250, { documentNumber: '0142-0002', certain: false }],
  ['another one was printed', 999, undefined],
  ['none was printed', undefined, undefined],
])('a printer that closed its day after a lost sale still reports it: %s', async (_, keyedIn, settled) => {
  const { printer, inject, keyInSale } = bench
  await printer.print(coffee(), await printer.baseline())
  const baseline = await printer.baseline()
  if (keyedIn !== undefined) keyInSale(keyedIn)
  inject('closed-by-itself@queryPrinterStatus')
  const found = await printer.settle(coffee(), baseline)
  if (settled) expect(found).toMatchObject(settled)
  else expect(found).toBeUndefined()
})

test('a slip before it hides no sale: its number is that of no document', async () => {
  const { printer, inject, printed } = bench
  await printer.print({ kind: 'cash', amountCents: 5000n }, await printer.baseline())
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({
    documentNumber: '0142-0001',
    certain: true,
  })
  await printer.print({ kind: 'non_fiscal', lines: ['PROVA'] }, await printer.baseline())
  await expect(printer.lastDocument()).rejects.toMatchObject({ code: 'no_data' })
  const baseline = await printer.baseline()
  inject('lost-answer@printerFiscalReceipt')
  expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0002', certain: false })
  expect(printed()).toHaveLength(2)
})

test.each(['by itself', 'by us'])('a slip before a closing (%s) proves nothing about the day after it', async (by) => {
  const { printer, inject, printed } = bench
  await printer.print(coffee(), await printer.baseline())
  await printer.print({ kind: 'cash', amountCents: -5000n }, await printer.baseline())
  if (by === 'by us') await printer.closeDay(await printer.baseline())
  else {
    inject('closed-by-itself@queryPrinterStatus')
    await printer.health()
  }
  await printer.print({ kind: 'cash', amountCents: 5000n }, await printer.baseline())
  const baseline = await printer.baseline()
  expect(baseline).toMatchObject({ z: 142, number: 0 })
  inject('lost-answer@printerFiscalReceipt')
  expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0143-0001' })
  expect(printed()).toHaveLength(2)
})

test('after a slip and a restart an unprinted document is proven, a printed one is unresolved', async () => {
  const { printer, keyInSale, reopen } = bench
  keyInSale(999)
  await printer.print({ kind: 'cash', amountCents: 5000n }, await printer.baseline())
  const other = await reopen()
  await other.open()
  const baseline = await other.baseline()
  expect(await other.settle(coffee(), baseline)).toBeUndefined()
  keyInSale(1250)
  await expect(other.settle(coffee(), baseline)).rejects.toMatchObject({ code: 'print_unresolved' })
})

test('after a slip that followed a lost sale the outcome is unresolved: nothing is printed again', async () => {
  const { printer, keyInSale, printed } = bench
  const baseline = await printer.baseline()
  keyInSale(1250)
  await printer.print({ kind: 'cash', amountCents: 5000n }, await printer.baseline())
  await expect(printer.settle(coffee(), baseline)).rejects.toMatchObject({ code: 'print_unresolved' })
  await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ code: 'print_unresolved' })
  expect(printed()).toHaveLength(1)
})

test('a sale keyed in just before ours does not make ours uncertain: the answer has its number', async () => {
  const { printer, keyInSale } = bench
  const baseline = await printer.baseline()
  keyInSale(1250)
  const known = await printer.baseline()
  expect(known.number).toBe(baseline.number + 1)
  keyInSale(1250)
  expect(await printer.print(coffee(), known)).toMatchObject({ documentNumber: '0142-0003', certain: true })
})

test('a service that does not reach its printer refuses no document: the printer is down', async () => {
  const { printer, inject } = bench
  inject('busy@directIO')
  await expect(printer.baseline()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  inject('busy@openDrawer')
  await expect(printer.openDrawer()).rejects.toMatchObject({ code: 'unavailable' })
  inject('busy@printXReport')
  await expect(printer.printReport()).rejects.toMatchObject({ code: 'unavailable' })
})

test('goods that are given away total zero, and are paid with it: a receipt is not ended without a total', async () => {
  const { printer, printed } = bench
  const adjustments = [{ kind: 'discount' as const, amountCents: 500n, text: 'OMAGGIO' }]
  const lines = [{ vat: '0.22', unitPriceCents: 500n, quantity: '1', text: 'Panettone', adjustments }]
  await printer.print(coffee({ lines, payments: [] }), await printer.baseline())
  expect(printed()).toMatchObject([{ documentNumber: '0142-0001', totalCents: 0 }])
})
