import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../../agent/clock.ts'
import { SerialLink } from '../../../../drivers/links/serial.ts'
import { TcpLink } from '../../../../drivers/links/tcp.ts'
import { RchPrinter } from '../../../../drivers/rt-rch/driver.ts'
import { departments, factsOf } from '../../../contracts/fiscal-printer.ts'
import type { FaultBench, Matrix } from '../../../contracts/printer-faults.ts'
import type { Manners } from './printer.ts'
import { PagePrinter } from './printer.ts'

const timeouts = { ackMs: 150, replyMs: 250, printMs: 400, longMs: 500, gapMs: 150 }
const profile = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20, paperWaitMs: 200 }

export const pageMatrix: Matrix = {
  faults: [
    ...[
      'lost-request',
      'nak',
      'not-executed',
      'lost-ack',
      'lost-answer',
      'silent',
      'garbled',
      'garbled=0',
      'garbled=6',
    ],
    ...['cut=1', 'cut=9', 'doubled', 'stale', 'late=600', 'busy', 'paper-out=60', 'cover-open=60'],
    ...['power-cut-before=60', 'power-cut=60', 'power-blink', 'unplugged=60', 'unplugged-before=60'],
    ...['manual-sale=1250', 'paper-end-resume', 'paper-end-lose'],
  ],
  frames: { sale: 19, return: 20, void: 12, closure: 14, cash: 12, slip: 14 },
}

const local = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short', timeStyle: 'medium' })

/** The driver before a printer that shares nothing with it but the page. */
export const openPageBench = async (line: 'tcp' | 'pty', manners: Manners = {}): Promise<FaultBench> => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-page-'))
  const page = new PagePrinter(systemClock, () => local.format(Date.now()).replace(' ', 'T'), manners)
  const path = join(directory, 'printer')
  const port = line === 'tcp' ? await page.serveTcp() : 0
  if (line === 'pty') await page.servePty(path)
  const make = () => {
    const link =
      line === 'tcp'
        ? new TcpLink({ host: '127.0.0.1', port, clock: systemClock })
        : new SerialLink({ path, baudRate: 9600, clock: systemClock })
    return new RchPrinter({ link, clock: systemClock, departments, timeouts, profile, deadlineMs: 20_000 })
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
    records: () => page.machine.tape.entries,
    printed: () => factsOf(page.papers()),
    keyInSale: (cents) => page.machine.sellAtPanel(cents),
    inject: (fault) => page.inject(fault),
    destroy: async () => {
      for (const each of printers) await each.close()
      await page.close()
      await rm(directory, { recursive: true })
    },
  }
}
