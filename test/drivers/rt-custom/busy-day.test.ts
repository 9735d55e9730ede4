import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { RtBaseline } from '../../../drivers/ports/rt-printer.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { turnedMs } from '../../turning-clock.ts'
import { benchFolder, historyOf, servedLine } from '../rt/opened-bench.ts'

const DOCUMENTS = 1500
const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 50 }

async function afterBusyDay(): Promise<{
  printer: CustomPrinter
  simulator: CustomSimulator
  baseline: RtBaseline
}> {
  const lines = Array.from({ length: 20 }, (_, line) => `ARTICOLO ${line}`.padEnd(42).concat('  1,00'))
  const day = historyOf(141, DOCUMENTS).map((record) => (record.type === 'document' ? { ...record, lines } : record))
  const directory = await benchFolder(day)
  const simulator = new CustomSimulator({ directory, clock: patientClock })
  simulator.open()
  const newLink = await servedLine(simulator, 'tcp', directory, { baudRate: 19_200 })
  const printer = new CustomPrinter({ link: newLink(), clock: patientClock, departments, timeouts, deadlineMs: 300 })
  onTestFinished(async () => {
    await printer.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  const baseline = await printer.baseline()
  simulator.inject('lost-answer@3011')
  return { printer, simulator, baseline }
}

test('after a busy day only the documents since are read, each by its number', async () => {
  const { printer, baseline } = await afterBusyDay()
  expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-1501' })
})

test('a printer that is unplugged in the middle of that reading is waited for no longer than any other', async () => {
  const { printer, simulator, baseline } = await afterBusyDay()
  simulator.inject('unplugged=60000@8004#5')
  const startMs = turnedMs()
  await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ effect: 'unknown' })
  expect(turnedMs() - startMs).toBeLessThan(5000)
})
