import type { RtHealth, RtPrinter } from '../ports/rt-printer.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

/** The answers of a printer at a look; undefined after a refusal. */
export type SeenPrinter = { serial: string | undefined; health: RtHealth | undefined }

/**
 * Asks an RT printer all that can be read. Without `open`, which aborts a document that is open at its keys. Throws if
 * the line is lost.
 */
export async function lookAtPrinter(printer: RtPrinter, say: Say): Promise<SeenPrinter> {
  const serial = await step(say, 'asks for the matricola', async (report) => {
    const identity = await printer.identity()
    report(`matricola ${identity.serial}`)
    return identity.serial
  })
  const health = await step(say, 'asks for its state', async (report) => {
    const read = await printer.health()
    reportHealth(read, report)
    return read
  })
  await step(say, 'asks for the sums of the period', async (report) => {
    const { documents, salesCents, returnsCents, voidsCents } = await printer.dailyTotals()
    report(`${documents} documents, sales ${salesCents}, returns ${returnsCents}, voids ${voidsCents} cents`)
  })
  await step(say, 'asks for the last document', async (report) => {
    const last = await printer.lastDocument()
    report(last === undefined ? 'none in this period' : `${last.kind} ${last.documentNumber}, ${last.totalCents} cents`)
  })
  return { serial, health }
}

function reportHealth(health: RtHealth, report: Say): void {
  const { description, paper, cover, memory, inService, pendingFiles, pendingFilesMax, z, clockSkewMs } = health
  report(description)
  report(`paper ${paper}, cover ${cover}, memory ${memory}, periodic check ${health.periodicCheck}`)
  report(`${inService ? 'in service' : 'not in service'}, ${z} closures`)
  report(`files not sent: ${pendingFiles ?? 'unknown'}${pendingFilesMax === undefined ? '' : ` of ${pendingFilesMax}`}`)
  if (health.documentOpen) report('a document is open')
  if (clockSkewMs !== undefined) report(`measured: its clock differs by ${clockSkewMs} ms`)
}
