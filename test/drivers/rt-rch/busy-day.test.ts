import { expect, onTestFinished, test } from 'vitest'
import type { RtBaseline } from '../../../drivers/ports/rt-printer.ts'
import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import { historyOf } from '../rt/opened-bench.ts'
import type { RchBench } from './bench.ts'
import { openRchBench } from './bench.ts'

const DOCUMENTS = 1200

/** A period of today whose text is longer than any that the driver reads. */
function busyDay(): readonly MemoryRecord[] {
  const lines = Array.from({ length: 20 }, (_, line) => `ARTICOLO ${line}`.padEnd(42).concat('  1,00'))
  return historyOf(141, DOCUMENTS).map((record) => (record.type === 'document' ? { ...record, lines } : record))
}

async function afterBusyDay(): Promise<{ bench: RchBench; baseline: RtBaseline }> {
  const bench = await openRchBench({ line: 'tcp', history: busyDay() })
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  return { bench, baseline: await bench.printer.baseline() }
}

test('a document is found at the end of a busy day: only the documents printed since are read', async () => {
  const { bench, baseline } = await afterBusyDay()
  bench.inject('lost-answer@=T')
  bench.inject('manual-sale=1250@<</?m')
  const printed = await bench.printer.print(coffee(), baseline)
  expect(printed).toMatchObject({ documentNumber: '0142-1201' })
  expect(bench.printed()).toHaveLength(DOCUMENTS + 2)
})

test('and one that the closure of that day followed, whatever was sold since', async () => {
  const { bench, baseline } = await afterBusyDay()
  const sale = coffee()
  await bench.printer.print(sale, baseline)
  const reopened = await bench.reopen()
  bench.simulator.closeByItself()
  expect(await reopened.settle(sale, baseline)).toMatchObject({ documentNumber: '0142-1201' })
  bench.keyInSale(1250)
  expect(await reopened.settle(sale, baseline)).toMatchObject({ documentNumber: '0142-1201' })
  expect(await reopened.settle(coffee(), baseline)).toBeUndefined()
})

test.each(['=C452', '=C455'])('a printer without %s reports its whole day', async (command) => {
  const bench = await openRchBench({ line: 'tcp' })
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  const baseline = await bench.printer.baseline()
  const sale = coffee()
  await bench.printer.print(sale, baseline)
  const reopened = await bench.reopen()
  bench.inject(`error=EG0003@${command}#*`)
  bench.keyInSale(1250)
  expect(await reopened.settle(sale, baseline)).toMatchObject({ documentNumber: '0142-0001' })
  bench.simulator.closeByItself()
  expect(await reopened.settle(sale, baseline)).toMatchObject({ documentNumber: '0142-0001' })
  expect(await reopened.settle(coffee(), baseline)).toBeUndefined()
})
