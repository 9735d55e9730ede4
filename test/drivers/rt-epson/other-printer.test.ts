import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { LineAdapter } from '../rt/line-adapter.ts'
import { benchFolder, historyOf } from '../rt/opened-bench.ts'

const OTHER = '99IEC000002'

/**
 * Two printers at one address, as after a router assigned it twice: the connected one changes from request to request.
 */
async function atOneAddress(closures: number) {
  const folders = [await benchFolder(historyOf(200, 0)), await benchFolder(historyOf(closures, 0))]
  await writeFile(join(folders[1] ?? '', 'serial'), OTHER)
  const devices = folders.map((directory) => new EpsonSimulator({ directory, clock: patientClock }))
  for (const device of devices) device.open()
  const [port = 0, otherPort = 0] = await Promise.all(devices.map((device) => device.serve(0)))
  const adapter = await LineAdapter.before(port)
  const timeouts = { replyMs: 400, printMs: 600, longMs: 800 }
  const common = { clock: patientClock, departments, timeouts, deadlineMs: 1000, pollMs: 20 }
  const printer = new EpsonPrinter({ host: '127.0.0.1', port: adapter.port, ...common })
  onTestFinished(async () => {
    await printer.close()
    await adapter.close()
    for (const device of devices) await device.close()
    for (const folder of folders) await rm(folder, { recursive: true })
  })
  await printer.open()
  return {
    ...{ printer, plugIn: () => adapter.plugInto(port), plugInOther: () => adapter.plugInto(otherPort) },
    printed: () => devices.map((device) => device.documents().length),
  }
}

test.each([199, 200, 201])(
  'a document of another printer is reported with its serial, and not printed again on the first (%i closures)',
  async (closures) => {
    const { printer, printed, plugIn, plugInOther } = await atOneAddress(closures)
    const baseline = await printer.baseline()
    plugInOther()
    expect(await printer.print(coffee(), baseline)).toMatchObject({ serial: OTHER, z: closures + 1, number: 1 })
    plugIn()
    expect(printed()).toEqual([0, 1])
  },
)
