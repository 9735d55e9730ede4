import { verifyChains } from '../journal/verify-chains.ts'
import type { ExportReport } from '../journal/verify-export.ts'
import type { Header } from './format.ts'
import { readBackup } from './format.ts'

/** A backup as it lies there: is it whole, and does the journal in it verify? Throws RefillError where it is not whole. */
export async function examineBackup(file: string): Promise<{ header: Header | undefined; report: ExportReport }> {
  let header: Header | undefined
  const journal = async function* (): AsyncGenerator<Buffer> {
    for await (const line of readBackup(file)) {
      if (line.t === 'backup') header = line
      if (line.t === 'batch' || line.t === 'ev' || line.t === 'end') yield Buffer.from(`${JSON.stringify(line)}\n`)
    }
  }
  const report = await verifyChains(journal())
  return { header, report }
}
