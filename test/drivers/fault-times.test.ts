import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { faultTime, StandingFaults, UNTIL_CLEAR } from '../../drivers/fault-times.ts'
import { TcpLink } from '../../drivers/links/tcp.ts'
import type { RtPrinter } from '../../drivers/ports/rt-printer.ts'
import { soundConditions, spoilConditions } from '../../drivers/rt/simulated-conditions.ts'
import type { FaultName } from '../../drivers/rt/simulated-faults.ts'
import { CustomPrinter } from '../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../drivers/rt-custom/simulator.ts'
import { EpsonPrinter } from '../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../drivers/rt-epson/simulator.ts'
import { RchPrinter } from '../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import { departments } from '../contracts/printer-bench.ts'
import { ManualClock } from '../manual-clock.ts'
import { patientClock } from '../patient-clock.ts'
import { benchFolder } from './rt/opened-bench.ts'

const DAY_MS = 86_400_000

test.each([
  ['unplugged', '', UNTIL_CLEAR],
  ['unplugged-before', '', UNTIL_CLEAR],
  ['unplugged-after', '', UNTIL_CLEAR],
  ['paper-out', '', UNTIL_CLEAR],
  ['cover-open', '', UNTIL_CLEAR],
  ['paper-out', '60', 60],
  ['unplugged', '0', 0],
  ['power-cut', '', 300],
  ['late', '', 1500],
])('the time of %s=%s is %s', (name, argument, time) => {
  expect(faultTime(name, argument)).toBe(time)
})

test('a condition ends once: at its time, or when the faults are cleared', async () => {
  const clock = new ManualClock()
  const standing = new StandingFaults(clock)
  const ended: string[] = []
  standing.begin('paper-out', 100, () => ended.push('paper'))
  standing.begin('unplugged', UNTIL_CLEAR, () => ended.push('plug'))
  await clock.advance(DAY_MS)
  expect(ended).toEqual(['paper'])
  standing.begin('paper-out', 100, () => ended.push('cut short'))
  standing.begin('paper-out', 1000, () => ended.push('again'))
  await clock.advance(500)
  expect(ended).toEqual(['paper'])
  standing.clear()
  await clock.advance(DAY_MS)
  expect(ended).toEqual(['paper', 'plug', 'again'])
})

type Simulator = { inject(fault: string): void; clearFaults(): void; close(): Promise<void> }
type Bench = { simulator: Simulator; printer: RtPrinter }
const timeouts = { ackMs: 120, replyMs: 300, printMs: 400, longMs: 500, gapMs: 150 }
const common = { clock: patientClock, departments, deadlineMs: 8000, timeouts }

/** The driver has the time of the machine, the simulator the one that the test moves. */
const printers: { family: string; open(directory: string, clock: ManualClock): Promise<Bench> }[] = [
  {
    family: 'RCH',
    open: async (directory, clock) => {
      const simulator = new RchSimulator({ directory, clock })
      simulator.open()
      const link = new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: patientClock })
      return { simulator, printer: new RchPrinter({ link, ...common, profile: { busyPauseMs: 20, pollMs: 20 } }) }
    },
  },
  {
    family: 'Custom',
    open: async (directory, clock) => {
      const simulator = new CustomSimulator({ directory, clock })
      simulator.open()
      const link = new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: patientClock })
      return {
        simulator,
        printer: new CustomPrinter({ link, ...common, profile: { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20 } }),
      }
    },
  },
  {
    family: 'Epson',
    open: async (directory, clock) => {
      const simulator = new EpsonSimulator({ directory, clock })
      simulator.open()
      const port = await simulator.serve(0)
      return { simulator, printer: new EpsonPrinter({ host: '127.0.0.1', port, ...common, pollMs: 20 }) }
    },
  },
]

async function opened(open: (typeof printers)[number]['open']): Promise<Bench & { clock: ManualClock }> {
  const [directory, clock] = [await benchFolder(), new ManualClock(Date.now())]
  const bench = await open(directory, clock)
  onTestFinished(async () => {
    await bench.printer.close()
    await bench.simulator.close()
    await rm(directory, { recursive: true })
  })
  await bench.printer.open()
  return { ...bench, clock }
}

test.each(printers)('a paper-out without a time lasts until the faults are cleared: $family', async (family) => {
  const { simulator, printer, clock } = await opened(family.open)
  const paper = async (): Promise<string> => (await printer.health()).paper
  expect(await paper()).toBe('ok')
  simulator.inject('paper-out@*')
  expect(await paper()).toBe('out')
  await clock.advance(DAY_MS)
  expect(await paper()).toBe('out')
  simulator.clearFaults()
  expect(await paper()).toBe('ok')
  simulator.inject('paper-out=60000@*')
  expect(await paper()).toBe('out')
  await clock.advance(60_000)
  expect(await paper()).toBe('ok')
})

test.each(printers)('a printer that is unplugged without a time stays so until then: $family', async (family) => {
  const { simulator, printer, clock } = await opened(family.open)
  const code = (): Promise<string> =>
    printer.health().then(
      () => 'answers',
      (error: { code: string }) => error.code,
    )
  for (const name of ['unplugged', 'unplugged-before']) {
    simulator.inject(`${name}@*`)
    expect(await code()).not.toBe('answers')
    await clock.advance(DAY_MS)
    expect(await code()).not.toBe('answers')
    simulator.clearFaults()
    await expect.poll(code).toBe('answers')
  }
})

test('a memory, a service, waiting files and a clock that faults have spoiled are sound after clear', () => {
  const standing = new StandingFaults(new ManualClock())
  const conditions = soundConditions()
  const faults: readonly FaultName[] = ['memory-full', 'out-of-service', 'pending', 'clock']
  for (const name of [...faults, 'clock'] as const) spoilConditions(conditions, new Map([[name, '']]), standing)
  expect(conditions).toEqual({
    ...soundConditions(),
    ...{ memoryFull: true, inService: false, pendingFiles: 25, clockOffsetMs: -DAY_MS },
  })
  standing.clear()
  expect(conditions).toEqual(soundConditions())
})

test.each(printers)('a printer that waits for paper or its plug can be closed: $family', async (family) => {
  for (const fault of ['paper-out@*', 'unplugged@*']) {
    const { simulator, printer } = await opened(family.open)
    simulator.inject(fault)
    await printer.health().catch(() => undefined)
    await printer.openDrawer?.().catch(() => undefined)
  }
})
