import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../agent/clock.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { departments, describeFiscalPrinter, factsOf } from '../../contracts/fiscal-printer.ts'

const capabilities = {
  lineAct: 'printerFiscalReceipt',
  closingAct: 'printerFiscalReceipt',
  voidAct: 'printerFiscalReceipt',
  closureAct: 'printZReport',
  firstClosure: 141,
  readsMemory: false,
}

describeFiscalPrinter('the Epson driver', capabilities, async () => {
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
      deadlineMs: 8000,
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
    printed: () => factsOf(simulator.documents()),
    keyInSale: (cents) => simulator.keyInSale(cents),
    inject: (fault) => simulator.inject(fault),
    destroy: async () => {
      for (const each of printers) await each.close()
      await simulator.close()
      await rm(directory, { recursive: true })
    },
  }
})
