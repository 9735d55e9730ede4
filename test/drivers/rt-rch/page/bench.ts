import { RchPrinter } from '../../../../drivers/rt-rch/driver.ts'
import { departments } from '../../../contracts/printer-bench.ts'
import type { FaultBench, Matrix } from '../../../contracts/printer-faults.ts'
import { patientClock } from '../../../patient-clock.ts'
import { benchFolder, openedBench, servedLine } from '../../rt/opened-bench.ts'
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
export async function openPageBench(line: 'tcp' | 'pty', manners: Manners = {}): Promise<FaultBench> {
  const directory = await benchFolder()
  const page = new PagePrinter(patientClock, () => local.format(Date.now()).replace(' ', 'T'), manners)
  const newLink = await servedLine(page, line, directory, { baudRate: 9600 })
  const common = { clock: patientClock, departments, timeouts, profile, deadlineMs: 20_000 }
  return openedBench(directory, page, () => new RchPrinter({ link: newLink(), ...common }))
}
