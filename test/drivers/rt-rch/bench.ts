import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../agent/clock.ts'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import type { RchProfile } from '../../../drivers/rt-rch/profile.ts'
import type { RchSimulatorOptions } from '../../../drivers/rt-rch/simulator.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { departments, factsOf } from '../../contracts/fiscal-printer.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'
import { lineFaults } from '../../contracts/printer-faults.ts'

/** Short ones: a simulated printer replies at once. */
export const testTimeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500, gapMs: 150 }
const profile: Partial<RchProfile> = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20, paperWaitMs: 200 }

/** What may befall one frame of an RCH printer, and how many frames its dialogues have. */
export const rchMatrix: Matrix = {
  faults: [
    ...lineFaults,
    ...['error=ES0001', 'error=EG0005'],
    ...['paper-end-resume', 'paper-end-lose', 'paper-end-resume=w', 'paper-end-lose=w'],
  ],
  frames: { sale: 20, return: 21, void: 12, closure: 14, cash: 12, slip: 14 },
}

export type RchBenchOptions = {
  line: 'tcp' | 'pty'
  quirks?: RchSimulatorOptions['quirks']
  deadlineMs?: number
  serial?: string
}
export type RchBench = FaultBench & { printer: RchPrinter; simulator: RchSimulator; directory: string; port: number }

export const openRchBench = async ({
  line,
  quirks,
  serial,
  deadlineMs = 15_000,
}: RchBenchOptions): Promise<RchBench> => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-rch-'))
  const simulator = new RchSimulator({
    directory,
    clock: systemClock,
    ...(quirks && { quirks }),
    ...(serial && { serial }),
  })
  simulator.open()
  const path = join(directory, 'printer')
  const port = line === 'tcp' ? await simulator.serveTcp(0) : 0
  if (line === 'pty') await simulator.servePty(path)
  const make = () => {
    const link =
      line === 'tcp'
        ? new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
        : new SerialLink({ path, baudRate: 9600, clock: systemClock })
    return new RchPrinter({ link, clock: systemClock, departments, timeouts: testTimeouts, profile, deadlineMs })
  }
  const printers = [make()]
  const [printer = make()] = printers
  return {
    printer,
    simulator,
    directory,
    port,
    reopen: async () => {
      await printer.close()
      const next = make()
      printers.push(next)
      return next
    },
    records: () => simulator.records(),
    printed: () => factsOf(simulator.documents()),
    keyInSale: (cents) => simulator.keyInSale(cents),
    inject: (fault) => simulator.inject(fault),
    destroy: async () => {
      for (const each of printers) await each.close()
      await simulator.close()
      await rm(directory, { recursive: true })
    },
  }
}
