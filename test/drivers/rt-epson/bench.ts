import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../agent/clock.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { departments, factsOf } from '../../contracts/fiscal-printer.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'

/** What may befall one request of an Epson printer, and how many its dialogues have. */
export const epsonMatrix: Matrix = {
  faults: ['lost-request', 'lost-answer', 'busy', 'paper-out=60', 'unplugged=60'],
  // Its slips are not counted: after a lost answer one may come out twice, which is not fiscal.
  frames: { sale: 6, return: 6, void: 6, closure: 6, cash: 0, slip: 0 },
}

export const openEpsonBench = async (deadlineMs = 8000): Promise<FaultBench> => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-epson-'))
  const simulator = new EpsonSimulator({ directory, clock: systemClock })
  simulator.open()
  const port = await simulator.serve(0)
  const timeouts = { replyMs: 400, printMs: 600, longMs: 800 }
  const make = () =>
    new EpsonPrinter({
      host: '127.0.0.1',
      port,
      clock: systemClock,
      departments,
      timeouts,
      deadlineMs,
      pollMs: 20,
    })
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
