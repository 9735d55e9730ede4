import { expect, onTestFinished, test } from 'vitest'
import { coffee } from '../../contracts/printer-bench.ts'
import type { EpsonBench } from './bench.ts'
import { openEpsonBench } from './bench.ts'

async function opened(...options: Parameters<typeof openEpsonBench>): Promise<EpsonBench> {
  const bench = await openEpsonBench(...options)
  onTestFinished(() => bench.destroy())
  return bench
}

test.each([
  ['training', 'training mode'],
  ['out-of-service', 'out of service'],
  ['pre-service', 'before its service'],
])('a printer in %s gets no document: its paper would be worthless', async (state, words) => {
  const { printer, simulator, inject } = await opened()
  await printer.open()
  const baseline = await printer.baseline()
  inject(`${state}@queryPrinterStatus`)
  expect(await printer.health()).toMatchObject({ inService: false, description: expect.stringContaining(words) })
  const refusal = { code: 'out_of_service', effect: 'none', message: expect.stringContaining(words) }
  await expect(printer.baseline()).rejects.toMatchObject(refusal)
  // The baseline is older than the state: the printer is asked again before anything is sent.
  const sale = coffee()
  await expect(printer.print(sale, baseline)).rejects.toMatchObject(refusal)
  expect(simulator.records()).toEqual([])
  simulator.clearFaults()
  expect(await printer.print(sale, baseline)).toMatchObject({ number: 1 })
})

test('a printer that is not in service is refused at its connection: nothing in it is reset', async () => {
  const { printer, simulator, inject } = await opened()
  inject('left-open@directIO')
  inject('training@directIO')
  const refusal = { code: 'out_of_service', effect: 'none', message: expect.stringContaining('training mode') }
  await expect(printer.open()).rejects.toMatchObject(refusal)
  await expect(printer.baseline()).rejects.toMatchObject(refusal)
  expect(simulator.fpStatus).toBe('00100')
  simulator.clearFaults()
  await printer.open()
  expect(simulator.fpStatus).toBe('00110')
})

test('a printer that is not an RT is named as one, and gets no document', async () => {
  const { printer } = await opened(8000, [], { quirks: { isNoRt: true } })
  await expect(printer.open()).rejects.toMatchObject({ effect: 'none', message: expect.stringContaining('not an RT') })
})

test('a printer whose SET 14/13 wants a subtotal refuses the document, and the refusal names the setting', async () => {
  const { printer, printed, inject } = await opened()
  inject('error=11@printRecTotal')
  const refused = printer.print(coffee(), await printer.baseline())
  await expect(refused).rejects.toMatchObject({ effect: 'none', message: expect.stringContaining('SET 14/13') })
  expect(printed()).toEqual([])
})

test('a firmware that does not report its last document is refused at its connection, with the reason', async () => {
  const { printer } = await opened(8000, [], { quirks: { lacks: ['1387'] } })
  await expect(printer.open()).rejects.toMatchObject({
    ...{ code: 'out_of_service', effect: 'none', message: expect.stringContaining('1387') },
  })
})

test('paper and an open document are seen by the state of the printer', async () => {
  const { printer, inject, simulator } = await opened()
  await printer.open()
  inject('paper-out@queryPrinterStatus')
  inject('left-open@queryPrinterStatus')
  expect(await printer.health()).toMatchObject({ paper: 'out', documentOpen: true, inService: true })
  simulator.clearFaults()
  expect(await printer.health()).toMatchObject({ paper: 'ok', documentOpen: true })
  expect(await printer.baseline()).toMatchObject({ number: 0 })
  expect(await printer.health()).toMatchObject({ documentOpen: false })
})

test.each(['missing', 'empty'] as const)('a document whose answer has its numbers %s is found', async (numbers) => {
  const { printer, printed } = await opened(8000, [], { quirks: { numbers } })
  await printer.open()
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ documentNumber: '0142-0001' })
  expect(printed()).toHaveLength(1)
})

test.each(['iso', 'plain', 'padded'] as const)('the time of a document is read in the form %s', async (dates) => {
  const { printer, simulator } = await opened(8000, [], { quirks: { dates } })
  await printer.open()
  const { printedAt } = await printer.print(coffee(), await printer.baseline())
  expect(printedAt).toBe(simulator.documents()[0]?.at)
})
