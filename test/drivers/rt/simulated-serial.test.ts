import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import { SIMULATORS } from '../../../drivers/simulators.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, historyOf } from './opened-bench.ts'

const timeouts = { ackMs: 300, replyMs: 1000, printMs: 1000, longMs: 1000 }
const common = { clock: patientClock, departments, timeouts }

function line(port: number) {
  return new TcpLink({ host: '127.0.0.1', port, clock: patientClock })
}
const families: readonly (readonly [string, RegExp, (port: number) => RtPrinter])[] = [
  ['rt-rch', /^72IV6\d{6}$/, (port) => new RchPrinter({ link: line(port), ...common })],
  ['rt-custom', /^2CISF\d{6}$/, (port) => new CustomPrinter({ link: line(port), ...common })],
  ['rt-epson', /^99IEC\d{6}$/, (port) => new EpsonPrinter({ host: '127.0.0.1', port, ...common })],
]

let folders: string[]
beforeEach(async () => {
  folders = [await benchFolder(), await benchFolder(), await benchFolder(historyOf(1, 1))]
})
afterEach(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

test.each(families)('two simulated %s each have their own matricola, and keep it', async (name, form, printerAt) => {
  const serialOf = async (directory = ''): Promise<string> => {
    const options = { directory, clock: patientClock, link: undefined, port: 0, latencyMs: 0, show: () => undefined }
    const simulator = await SIMULATORS.get(name)?.open(options)
    const device = simulator !== undefined && 'device' in simulator ? simulator.device : {}
    const at = (device['tcp'] ?? device['http']) as { port: number } | undefined
    const printer = printerAt(at?.port ?? 0)
    try {
      await printer.open()
      return (await printer.identity()).serial
    } finally {
      await printer.close()
      await simulator?.close()
    }
  }
  const [one, other, older] = folders
  const serials = [await serialOf(one), await serialOf(other)]
  for (const serial of serials) expect(serial).toMatch(form)
  expect(new Set(serials).size).toBe(2)
  expect([await serialOf(one), await serialOf(other)]).toEqual(serials)
  // One with an older memory keeps the matricola of its shop.
  expect(await serialOf(older)).toMatch(/000001$/)
})
