import { flushCompileCache } from 'node:module'
import { readChains } from '../../../journal/chains.ts'
import { readingView } from '../../../journal/projections/view.ts'
import { openReadOnly } from '../../../journal/reader.ts'
import { clearBuilding } from './building.ts'
import { writeDsfinvk } from './export.ts'
import type { ChildAnswer, ExportAnswer, ExportRequest } from './export-in-child.ts'
import { HashedEvents } from './hashed-events.ts'
import { journalSource } from './journal-source.ts'
import { DsfinvkRefusedError } from './refused.ts'

let building: string | undefined

/** Removes the unfinished package. */
export function orphaned(): void {
  if (building !== undefined) clearBuilding(building)
}

export async function work(request: ExportRequest): Promise<ChildAnswer> {
  building = request.path
  try {
    return { result: await write(request) }
  } catch (error) {
    if (!(error instanceof DsfinvkRefusedError)) throw error
    const { findings, findingCount } = error
    return { findings, findingCount }
  }
}

async function write({ directory, path, selection, settings, tses, unchecked }: ExportRequest): Promise<ExportAnswer> {
  if (unchecked !== true) await prepareCheck()
  const db = openReadOnly(directory)
  try {
    const view = readingView(db)
    const source = journalSource(view, selection, {
      ...settings,
      hashes: new HashedEvents(view.event, readChains(db)),
      tse: (serial) => tses.find((tse) => tse.serial === serial),
    })
    const result = await writeDsfinvk({ source, path, unchecked })
    return { ...result, timesMoved: source.times.moved }
  } finally {
    db.close()
  }
}

/** The verifying thread uses the code compiled so far; otherwise it loads its own compiler, of 10 MB. */
async function prepareCheck(): Promise<void> {
  await import('../../../../verify/dsfinvk/signature-worker.ts')
  flushCompileCache()
}
