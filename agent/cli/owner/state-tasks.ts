import { randomBytes } from 'node:crypto'
import { access, constants, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { codeOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import { notesIn } from '../../backup/notes.ts'
import type { Credentials } from '../../config/credentials.ts'
import type { CheckedBooks } from '../../journal/books/book-results.ts'
import type { Lock } from '../../journal/disk/lock.ts'
import type { KeptFile } from '../../laws/germany/memory/read-portions.ts'
import type { ProofRun } from '../../proof/proof-file.ts'
import { asking } from '../daemon/asking.ts'
import { inOwnedProcess } from './owned-process.ts'
import { otherOwner } from './owner.ts'

/** Reads and changes of a state directory next to an agent, for commands that also work elsewhere. */
export type StateTasks = ReturnType<typeof stateTasks>

/** `portions`: what was read back from the unit since. */
export type TakenArchives = {
  readonly unit: string
  readonly files: readonly string[]
  readonly portions: readonly KeptFile[]
}

/** First and last signature counter. */
const ARCHIVE_NAME = /^(\d+)-\d+\.tar$/

/** As root, the owner of the state does them. `isApart`: in another process in any case, at the same time as `work`. */
export function withStateTasks<Result>(
  state: string,
  work: (tasks: StateTasks) => Promise<Result>,
  isApart = false,
): Promise<Result> {
  const owner = otherOwner(state)
  if (owner === undefined && !isApart) return work(stateTasks(state))
  return inOwnedProcess(owner, state, [], (ask, names) => work(asking<StateTasks>(names, ask)))
}

export function stateTasks(stateDirectory: string) {
  const locks: Lock[] = []
  const authorityHere = async (names: readonly string[]) => {
    const { ShopAuthority } = await import('../../tls/shop-authority.ts')
    return new ShopAuthority(stateDirectory, () => systemClock.now(), names)
  }
  return {
    ...notesIn(stateDirectory),
    ...looksInto(stateDirectory),
    /** The result of an audit, for the doctor. */
    rememberRun: async (run: ProofRun) => {
      const { rememberRun } = await import('../../proof/proof-file.ts')
      rememberRun(stateDirectory, run)
    },
    /** Locks the journal until this process ends. */
    endJournal: async (path: string) => {
      const { endJournal } = await import('../../backup/hand-over.ts')
      const random = (length: number): Uint8Array => randomBytes(length)
      locks.push(await endJournal({ stateDirectory, path, clock: systemClock, random, fault: () => undefined }))
    },
    /**
     * `worthless`: what an authority before this one gave to terminals. `refused`: names that this one does not permit.
     */
    initAuthority: async (isNew: boolean, names: readonly string[]) => {
      const authority = await authorityHere(names)
      if (isNew) authority.replace()
      const worthless = authority.worthless().map(({ register, file }) => ({ register, file }))
      const [fingerprint, certificate] = [authority.fingerprint(), authority.certificate()]
      const [permitted, refused] = [authority.permittedNames(), authority.refusedNames()]
      if (names.length > 0 && refused.length === 0) authority.server()
      return { file: authority.certificateFile, certificate, fingerprint, permitted, refused, worthless }
    },
    /** Undefined if there is no such register. */
    issueTerminal: async (register: string, names: readonly string[]) => {
      const { hasEvent } = await import('../../journal/reader.ts')
      if (!hasEvent(stateDirectory, register, 'register.created')) return undefined
      const authority = await authorityHere(names)
      const { key, cert } = authority.client(register)
      return { key, cert, authority: authority.certificate() }
    },
  }
}

/** Reads. Each loads what it needs: a command does few of them. */
function looksInto(state: string) {
  return {
    checkDiskSpeed: async () => (await import('../checks/disk.ts')).checkSyncLatency(state),
    checkJournal: async (nowMs: number) => (await import('../checks/journal.ts')).checkJournal(state, nowMs),
    checkSync: async (config: Config, reported: unknown) =>
      (await import('../checks/sync.ts')).checkSync(config, reported),
    /** The findings of the last daily verification and of the last audit. */
    checkProof: async () => (await import('../checks/proof.ts')).checkProof(state),
    /** Sessions that are open for longer than a day. */
    checkSessions: async (nowMs: number) => (await import('../checks/sessions.ts')).checkSessions(state, nowMs),
    lastBackup: async () => (await import('../../backup/last.ts')).lastBackup(state),
    /** The system's error code if this user may not write in the folder. */
    backupFolderFault: async (folder: string | undefined) => {
      if (folder === undefined) return undefined
      const fault = await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => error)
      return codeOf(fault)
    },
    /** Backups that were begun and did not end. */
    unfinishedBackups: async () => (await import('../../backup/unfinished-backups.ts')).unfinishedBackups(state),
    /** `checked`: the books of an exported file. */
    verifyJournal: async (checked?: CheckedBooks) => {
      const { verifyJournal } = await import('../../journal/verify/journal.ts')
      const { LAW_BOOKS } = await import('../../laws/law-books.ts')
      return verifyJournal(state, { laws: LAW_BOOKS, checked })
    },
    askTargets: async (config: Config, secrets: Credentials) => {
      const { askTargets } = await import('../checks/asked-targets.ts')
      return askTargets(state, config, secrets)
    },
    journalSummary: async () => (await import('../support/parts.ts')).journalSummary(state),
    stateListing: async () => (await import('../support/parts.ts')).stateListing(state),
    /** Serial numbers of the TSEs that were put out of service. */
    retiredTses: async () => {
      const { retiredTses } = await import('../../journal/reader.ts')
      return retiredTses(state)
    },
    /** The archives of TSEs by the folder of each, in order. */
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
  const firstOf = (name: string): number => Number(ARCHIVE_NAME.exec(name)?.[1])
  const names = (await readdir(folder).catch(() => [])).filter((name) => ARCHIVE_NAME.test(name))
  return names.sort((one, other) => firstOf(one) - firstOf(other))
}
