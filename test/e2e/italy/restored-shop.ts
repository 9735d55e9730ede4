import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { Bench } from '../bench.ts'
import type { PrinterBeside } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'

/** Backs a shop up, lets it go on, ends it, and opens the backup with the printer that has printed all of it. */
export async function restoredAfter(
  { bench, printer }: { bench: Bench; printer: PrinterBeside<SimulatedPrinter> },
  goOn: () => Promise<unknown>,
  options?: Parameters<typeof restore>[2],
): Promise<Bench> {
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await goOn()
  await bench.stop()
  const state = `${folder}/state`
  await restore(state, file, options)
  return Bench.open({ config: { devices: [printer.device()], state } })
}
