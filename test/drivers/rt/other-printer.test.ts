import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { LineAdapter } from './line-adapter.ts'
import { benchFolder } from './opened-bench.ts'

const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500 }
const families = [
  { name: 'RCH', Simulator: RchSimulator, Printer: RchPrinter, serials: ['72IV6000001', '72IV6000002'] },
  { name: 'Custom', Simulator: CustomSimulator, Printer: CustomPrinter, serials: ['2CIAA000001', '2CIAA000002'] },
] as const

describe.each(families)('another $name printer on the adapter of the first, whose line stays open', (family) => {
  const { Simulator, Printer, serials } = family
  let directory: string
  let devices: (RchSimulator | CustomSimulator)[]
  let ports: number[]
  let adapter: LineAdapter
  let printer: RtPrinter
  beforeEach(async () => {
    directory = await benchFolder()
    devices = serials.map((serial) => {
      const device = new Simulator({ directory: join(directory, serial), clock: patientClock, serial })
      device.open()
      return device
    })
    ports = await Promise.all(devices.map((device) => device.serveTcp(0)))
    adapter = await LineAdapter.before(ports[0] ?? 0)
    const link = new TcpLink({ host: '127.0.0.1', port: adapter.port, clock: patientClock })
    printer = new Printer({ link, clock: patientClock, departments, timeouts, deadlineMs: 2000 })
    await printer.open()
  })
  afterEach(async () => {
    await printer.close()
    await adapter.close()
    for (const device of devices) await device.close()
    await rm(directory, { recursive: true })
  })
  const printed = () => devices.map((device) => device.documents().length)

  test('is reported by the next baseline and by an identity request', async () => {
    await printer.print(coffee(), await printer.baseline())
    adapter.plugInto(ports[1] ?? 0)
    expect((await printer.baseline()).serial).toBe(serials[1])
    adapter.plugInto(ports[0] ?? 0)
    expect(await printer.identity()).toEqual({ serial: serials[0] })
  })

  test('reconciles nothing of it, and prints nothing for it', async () => {
    const before = await printer.baseline()
    adapter.plugInto(ports[1] ?? 0)
    await expect(printer.settle(coffee(), before)).rejects.toMatchObject({ code: 'foreign', effect: 'unknown' })
    await expect(printer.print(coffee(), before)).rejects.toMatchObject({ code: 'foreign' })
    expect(printed()).toEqual([0, 0])
  })
})
