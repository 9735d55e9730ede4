import { flushCompileCache } from 'node:module'
import { readChains } from '../../../journal/chains.ts'
import { readingView } from '../../../journal/projections/view.ts'
import { openReadOnly } from '../../../journal/reader.ts'
import { codeOf, messageOf } from '../../../thrown.ts'
import './check/signature-worker.ts'
import { takeLowestPriority } from '../../../lowest-priority.ts'
import { clearBuilding } from './building.ts'
import { writeDsfinvk } from './export.ts'
import type { ChildAnswer, ExportAnswer, ExportRequest } from './export-in-child.ts'
import { DsfinvkRefusedError } from './finding.ts'
import { hasOpenSession } from './journal-closings.ts'
import { journalSource } from './journal-source.ts'

// biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
const own = process
let building: string | undefined
own.once('disconnect', () => {
  // Whoever asked was killed: nothing of the package stays behind.
  if (building !== undefined) clearBuilding(building)
  own.exit()
})
takeLowestPriority()
// What is compiled by now, the worker among it, is for the thread that verifies: else it brings a compiler of its own, of 10 MB.
flushCompileCache()
own.once('message', (request: ExportRequest) => {
  building = request.path
  void answer(request).then((said) => {
    building = undefined
    own.send?.(said)
    own.disconnect()
  })
})

async function answer(request: ExportRequest): Promise<ChildAnswer> {
  try {
    return { result: await write(request) }
  } catch (error) {
    if (error instanceof DsfinvkRefusedError) {
      const { message, code, findings, findingCount } = error
      return { failure: message, code, findings, findingCount }
    }
    const code = codeOf(error) ?? 'internal_error'
    return { failure: messageOf(error), code }
  }
}

async function write({ directory, path, selection, settings, tses }: ExportRequest): Promise<ExportAnswer> {
  const db = openReadOnly(directory)
  try {
    const view = readingView(db)
    const source = journalSource(view, selection, {
      ...settings,
      chains: readChains(db),
      tse: (serial) => tses.find((tse) => tse.serial === serial),
    })
    const result = await writeDsfinvk({ source, path })
    return { ...result, openSessionExcluded: hasOpenSession(view, selection) }
  } finally {
    db.close()
  }
}
