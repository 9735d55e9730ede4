import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { Bench } from '../bench.ts'
import { SteppingMachine, skewOf, stepSizes } from '../stepping-machine.ts'
import type { PrinterFamily, SimulatedPrinter } from './printer-families.ts'
import { CUSTOM, EPSON, RCH } from './printer-families.ts'
import { italianTill, receiptOf, sell } from './shop.ts'

const DAY_MS = 86_400_000

/** A shop at a printer of that family, on a machine whose clock is right. */
async function opened(family: PrinterFamily<SimulatedPrinter>) {
  const directory = await mkdtemp(join(tmpdir(), 'rt-steps-'))
  const { simulator, serve } = family.make(directory, undefined)
  simulator.open()
  const device = { id: 'rt-1', ...family.device(await serve(0)) }
  onTestFinished(async () => {
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  const machine = new SteppingMachine(new Date(systemClock.now()).toISOString())
  const bench = await Bench.open({ clock: machine, boot: machine, config: { devices: [device] } })
  const measured = async (): Promise<unknown> => {
    await bench.agent.administration.deviceAct('rt-1', 'status')
    return skewOf(bench)
  }
  return { machine, bench, measured, shop: await italianTill(bench) }
}

test.each([
  ['RCH', RCH],
  ['Custom', CUSTOM],
] as const)(
  'a %s printer keeps its own clock when that of the machine steps, and is measured again',
  async (_name, family) => {
    const { machine, bench, measured, shop } = await opened(family)
    await using _ = bench
    expect(Math.abs(Number((await measured()) ?? Number.NaN))).toBeLessThan(60_000)
    machine.step(DAY_MS)
    await bench.until(() => skewOf(bench) === null)
    const printed = receiptOf(await sell(shop, '5.00'))
    expect(Math.abs(Date.parse(printed.printed_at) - systemClock.now())).toBeLessThan(120_000)
    expect(Math.abs(Number(await measured()) + DAY_MS)).toBeLessThan(120_000)
    expect(stepSizes(bench)).toEqual([DAY_MS / 1000])
    const { warnings } = (await bench.office.get('/readyz')) as unknown as { warnings: readonly { code: string }[] }
    // A clock that is ahead is not suspect: by its time the session is open for more than a day.
    expect(warnings.map(({ code }) => code)).toEqual(['device_clock_skew', 'session_open_long'])
  },
)

test('an Epson printer, which does not report its time, has no clock_skew_ms', async () => {
  const { bench, measured } = await opened(EPSON)
  await using _ = bench
  expect(await measured()).toBeNull()
})
