import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { turnedMs } from '../../turning-clock.ts'
import { benchFolder, historyOf, servedLine } from '../rt/opened-bench.ts'
import { testTimeouts } from './bench.ts'

/** A printer that prints for that long before it replies. */
async function open(printingMs: number, printMs: number, longMs = testTimeouts.longMs): Promise<RchPrinter> {
  const directory = await benchFolder(historyOf(141, 1))
  const simulator = new RchSimulator({ directory, clock: patientClock, printMs: printingMs })
  simulator.open()
  const newLink = await servedLine(simulator, 'tcp', directory, { baudRate: 9600 })
  const timeouts = { ...testTimeouts, printMs, longMs }
  const printer = new RchPrinter({ link: newLink(), clock: patientClock, departments, timeouts, deadlineMs: 600 })
  onTestFinished(async () => {
    await printer.close()
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  return printer
}

test('a printer that prints for longer than a question may take is waited for as long as "printMs" says', async () => {
  const printer = await open(3500, 6000)
  const baseline = await printer.baseline()
  await expect(printer.print(coffee(), baseline)).resolves.toMatchObject({ number: baseline.number + 1 })
})

test('and no longer: then its outcome is asked for', async () => {
  const printer = await open(6000, 800)
  const baseline = await printer.baseline()
  const startMs = turnedMs()
  await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
  expect(turnedMs() - startMs).toBeLessThan(5000)
})

test('the agent waits "longMs" for the annulment of a document, as for its command', async () => {
  const printer = await open(3500, 800, 6000)
  const baseline = await printer.baseline()
  const original = { z: baseline.z + 1, number: 1, date: baseline.at.slice(0, 10) }
  await expect(printer.print({ kind: 'void', original }, baseline)).resolves.toMatchObject({ number: 2 })
})
