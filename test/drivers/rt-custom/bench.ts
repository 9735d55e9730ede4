import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../agent/clock.ts'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { departments, factsOf } from '../../contracts/fiscal-printer.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'
import { lineFaults } from '../../contracts/printer-faults.ts'

/** What may befall one frame of a Custom printer, and how many frames its dialogues have. */
export const customMatrix: Matrix = {
  faults: [...lineFaults, 'error=ERR05'],
  frames: { sale: 18, return: 18, void: 12, closure: 12, cash: 12, slip: 14 },
}

const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500 }
const profile = { busyPauseMs: 20, pollMs: 20, nackQuietMs: 20 }

export const openCustomBench = async (line: 'tcp' | 'pty'): Promise<FaultBench> => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-custom-'))
  const simulator = new CustomSimulator({ directory, clock: systemClock })
  simulator.open()
  const path = join(directory, 'printer')
  const port = line === 'tcp' ? await simulator.serveTcp(0) : 0
  if (line === 'pty') await simulator.servePty(path)
  const make = () => {
    const link =
      line === 'tcp'
        ? new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
        : new SerialLink({ path, baudRate: 19_200, dataBits: 7, parity: 'odd', clock: systemClock })
    return new CustomPrinter({ link, clock: systemClock, departments, timeouts, profile, deadlineMs: 15_000 })
  }
  const printers = [make()]
  const [printer = make()] = printers
  return {
    printer,
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
