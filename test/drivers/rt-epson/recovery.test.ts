import { afterEach, beforeEach, expect, test } from 'vitest'
import { coffee } from '../../contracts/fiscal-printer.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openEpsonBench } from './bench.ts'

// The service reads no text of the memory: what was lost is known by number and total alone, and told as such.

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

test('an equal one cannot be told from ours: it is told as not certain, and nothing is printed twice', async () => {
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
