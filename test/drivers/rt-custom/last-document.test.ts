import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, servedLine } from '../rt/opened-bench.ts'

test('the last document of a day of many is read for longer than a question may take', async () => {
  const directory = await benchFolder()
  const simulator = new CustomSimulator({ directory, clock: patientClock })
  simulator.open()
  const newLink = await servedLine(simulator, 'tcp', directory, { baudRate: 19_200, dataBits: 7, parity: 'odd' })
  const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 30_000 }
  for (let sales = 1; sales <= 100; sales++) simulator.keyInSale(100)
  const printer = new CustomPrinter({ link: newLink(), clock: patientClock, departments, timeouts, deadlineMs: 100 })
  await printer.open()
  expect(await printer.lastDocument()).toMatchObject({ number: expect.anything() })
  await printer.close()
  await simulator.close()
  await rm(directory, { recursive: true, force: true })
})
