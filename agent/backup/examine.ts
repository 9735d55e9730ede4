import { dirname } from 'node:path'
import { RefillError } from '../journal/refill.ts'
import { verifyChains } from '../journal/verify/chains.ts'
import type { ArchiveLine } from './archives.ts'
import { besideFiles } from './files-beside.ts'
import type { Header } from './format.ts'
import { readBackup, readContent } from './format.ts'

/** `archives` of TSEs, `absent` those of them that are neither inside nor whole beside it. */
type Examined = {
  header: Header | undefined
  report: Verified
  /** The first line names the very journal that is in it. */
  isNamed: boolean
  archives: number
  absent: readonly string[]
}

type Verified = Awaited<ReturnType<typeof verifyChains>>

/** A backup as it lies there: is it whole, and does the journal in it verify? Throws RefillError where it is not whole. */
export async function examineBackup(file: string): Promise<Examined> {
  let header: Header | undefined
  const archives = new Map<string, ArchiveLine>()
  const inside = new Set<string>()
  const journal = async function* (): AsyncGenerator<Buffer> {
    for await (const line of readBackup(file)) {
      if (line.t === 'backup') header = line
      if (line.t === 'archive') archives.set(line.sha256, line)
      if (line.t === 'content') inside.add(line.sha256)
      if (line.t === 'batch' || line.t === 'ev' || line.t === 'end') yield Buffer.from(`${JSON.stringify(line)}\n`)
    }
  }
  const report = await verifyChains(journal())
  const absent: string[] = []
  for (const archive of archives.values()) {
    if (inside.has(archive.sha256) || (await isBeside(file, header?.agent ?? '', archive))) continue
    absent.push(archive.file)
  }
  return { header, report, isNamed: header !== undefined && names(header, report), archives: archives.size, absent }
}

function names({ agent, chain, epoch, events }: Header, report: Verified): boolean {
  return agent === report.agent && chain === report.chain && epoch === report.epoch && events === report.events
}

async function isBeside(file: string, agentId: string, archive: ArchiveLine): Promise<boolean> {
  for (const path of await besideFiles(dirname(file), agentId, archive.sha256)) {
    try {
      for await (const line of readContent(path, archive)) void line
      return true
    } catch (error) {
      if (!(error instanceof RefillError)) throw error
    }
  }
  return false
}
