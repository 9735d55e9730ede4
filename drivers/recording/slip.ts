import type { RtNonFiscal, RtPrinted, RtPrinter } from '../ports/rt-printer.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

const SLIP: RtNonFiscal = {
  kind: 'non_fiscal',
  lines: [
    'fiskal-edge device prove',
    'PROVA: DOCUMENTO GESTIONALE',
    'NON FISCALE',
    '0123456789 ABCDEFGHIJ',
    'perché così',
  ],
}

/**
 * Prints one slip that is not fiscal, if the printer is idle: an open document of another program is not aborted. Returns
 * undefined if nothing was printed. The caller has opened the printer.
 */
export async function printSlip(printer: RtPrinter, say: Say): Promise<RtPrinted | undefined> {
  const isIdle = await step(say, 'asks whether the printer is idle', async (tell) => {
    const { documentOpen } = await printer.health()
    tell(documentOpen ? 'a document is open: nothing is printed' : 'idle')
    return !documentOpen
  })
  if (isIdle !== true) return undefined
  return step(say, 'prints one slip', async (tell) => {
    const printed = await printer.print(SLIP, await printer.baseline())
    tell('printed')
    return printed
  })
}
