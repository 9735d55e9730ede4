import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../agent-config.ts'
import type { LastBackup } from '../../backup/last.ts'
import { lastBackup } from '../../backup/last.ts'
import type { Begun } from '../../backup/unfinished-backups.ts'
import { begunBackups } from '../../backup/unfinished-backups.ts'
import type { Credentials } from '../../config/credentials.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import type { KeptFile } from '../../laws/germany/memory/read-portions.ts'
import type { AskedTargets } from '../checks/asked-targets.ts'
import { checkSyncLatency } from '../checks/disk.ts'
import type { Finding } from '../checks/finding.ts'
import { checkJournal } from '../checks/journal.ts'
import { checkProof } from '../checks/proof.ts'
import { checkReplay } from '../checks/replay.ts'
import { checkSessions } from '../checks/sessions.ts'
import { journalSummary, stateListing } from '../support/parts.ts'

/** Reading a state directory, for commands that also work in other places. */
export type StateLooks = {
  checkDiskSpeed(): Promise<Finding>
  checkJournal(nowMs: number): Promise<Finding[]>
  checkReplay(config: Config, told: unknown): Promise<Finding[]>
  /** The findings of the last daily verification and of the last audit. */
  checkProof(): Promise<Finding[]>
  /** Sessions that are open for longer than a day. */
  checkSessions(nowMs: number): Promise<Finding[]>
  lastBackup(): Promise<LastBackup | undefined>
  /** Backups that began and did not finish. */
  begunBackups(): Promise<Begun[]>
  verifyJournal(): Promise<JournalReport>
  askTargets(config: Config, secrets: Credentials): Promise<AskedTargets>
  journalSummary(): Promise<unknown>
  stateListing(): Promise<unknown>
  /** Serial numbers of the retired TSEs. */
  retiredTses(): Promise<string[]>
  /** The archives of TSEs, by the folder of each, in order. */
  takenArchives(): Promise<TakenArchives[]>
}
/** `portions`: the logs that were read back from the unit since. */
export type TakenArchives = {
  readonly unit: string
  readonly files: readonly string[]
  readonly portions: readonly KeptFile[]
}

export const LOOKS: Readonly<Record<keyof StateLooks, true>> = {
  ...{
    checkDiskSpeed: true,
    checkJournal: true,
    checkReplay: true,
    lastBackup: true,
    checkProof: true,
    checkSessions: true,
  },
  ...{ begunBackups: true, verifyJournal: true, journalSummary: true, stateListing: true },
  ...{ retiredTses: true, takenArchives: true, askTargets: true },
}

/** The name has the first and last signature counter. */
const archiveName = /^(\d+)-\d+\.tar$/

export function looksInto(state: string): StateLooks {
  return {
    checkDiskSpeed: async () => checkSyncLatency(state),
    checkJournal: (nowMs) => checkJournal(state, nowMs),
    checkReplay,
    checkProof: async () => checkProof(state),
    checkSessions: (nowMs) => checkSessions(state, nowMs),
    lastBackup: async () => lastBackup(state),
    begunBackups: async () => begunBackups(state),
    verifyJournal: async () => {
      const { verifyJournal } = await import('../../journal/verify/journal.ts')
      const { LAW_BOOKS } = await import('../../laws/law-books.ts')
      return verifyJournal(state, { laws: LAW_BOOKS })
    },
    askTargets: async (config, secrets) => {
      const { askTargets } = await import('../checks/asked-targets.ts')
      return askTargets(state, config, secrets)
    },
    journalSummary: () => journalSummary(state),
    stateListing: () => stateListing(state),
    retiredTses: async () => {
      const { retiredTses } = await import('../../journal/reader.ts')
      return retiredTses(state)
    },
    takenArchives: () => takenArchives(join(state, 'archives')),
  }
}

async function takenArchives(folder: string): Promise<TakenArchives[]> {
  const { portionsIn } = await import('../../laws/germany/memory/read-portions.ts')
  const read = join(folder, 'read')
  const units = new Set([...(await foldersIn(folder)), ...(await foldersIn(read))])
  return Promise.all(
    [...units].sort().map(async (unit) => ({
      unit,
      files: await archivesIn(join(folder, unit)),
      portions: await portionsIn(join(read, unit)),
    })),
  )
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isDirectory() && entry.name !== 'read' ? [entry.name] : []))
}

async function archivesIn(folder: string): Promise<string[]> {
  const firstOf = (name: string): number => Number(archiveName.exec(name)?.[1])
  const names = (await readdir(folder).catch(() => [])).filter((name) => archiveName.test(name))
  return names.sort((one, other) => firstOf(one) - firstOf(other))
}
