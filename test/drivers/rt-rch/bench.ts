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
import type { PrinterBench } from '../../contracts/fiscal-printer.ts'

export const departments = {
  '0.22': 1,
  '0.10': 2,
  '0.05': 3,
  '0.04': 4,
  N1: 5,
  N2: 6,
  N3: 7,
  N4: 8,
  N5: 9,
  N6: 10,
}

/** Short ones: a simulated printer replies at once. */
const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500, gapMs: 150 }
const profile: Partial<RchProfile> = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20 }

export type RchBenchOptions = {
  line: 'tcp' | 'pty'
  quirks?: RchSimulatorOptions['quirks']
  deadlineMs?: number
}
export type RchBench = PrinterBench & { printer: RchPrinter; simulator: RchSimulator; directory: string }

export const openRchBench = async ({ line, quirks, deadlineMs = 15_000 }: RchBenchOptions): Promise<RchBench> => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-rch-'))
  const simulator = new RchSimulator({ directory, clock: systemClock, ...(quirks && { quirks }) })
  await simulator.open()
  const path = join(directory, 'printer')
  const port = line === 'tcp' ? await simulator.serveTcp(0) : 0
  if (line === 'pty') await simulator.servePty(path)
  const make = () => {
    const link =
      line === 'tcp'
        ? new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
        : new SerialLink({ path, baudRate: 9600, clock: systemClock })
    return new RchPrinter({ link, clock: systemClock, departments, timeouts, profile, deadlineMs })
  }
  const printers = [make()]
  const [printer = make()] = printers
  return {
    printer,
    simulator,
    directory,
    reopen: async () => {
      await printer.close()
      const next = make()
      printers.push(next)
      return next
    },
    printed: () =>
      simulator.documents().map(({ kind, z, number, totalCents, lines }) => ({
        kind,
        documentNumber: `${String(z).padStart(4, '0')}-${String(number).padStart(4, '0')}`,
        totalCents,
        text: lines.join('\n'),
      })),
    keyInSale: (cents) => simulator.keyInSale(cents),
    inject: (fault) => simulator.inject(fault),
    destroy: async () => {
      for (const each of printers) await each.close()
      await simulator.close()
      await rm(directory, { recursive: true })
    },
  }
}
