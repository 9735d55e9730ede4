import { hash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceConcurrently } from '../../base/durable-file.ts'
import { codeOf } from '../../base/thrown.ts'

/** One note for each file in progress. */
const NOTE = /^backup-unfinished-[0-9a-f]{16}\.json$/
/** A backup in progress writes or reads its file more often than that. */
const QUIET_MS = 3_600_000

/** A file under its temporary name. It is ours as long as it is the very file that was begun. */
export type UnfinishedFile = { path: string; inode: string; bornMs: number }

/** A remnant of a killed backup; `isOurs` false: another file has its name now, or its disk cannot identify it. */
type Remnant = { path: string; isOurs: boolean }

/** A file that was begun just now. Identified by its handle: another file may have its name by now. */
export async function unfinishedAt(path: string, file: FileHandle): Promise<UnfinishedFile> {
  return { path, ...identityIn(await file.stat({ bigint: true })) }
}

/** The file of that name; undefined if it does not exist. */
export function presentAt(path: string): UnfinishedFile | undefined {
  return existsSync(path) ? { path, ...identityOf(path) } : undefined
}

/**
 * Whether another file has the name of the one that was begun; false if there is no file, as on a stick that was
 * unplugged.
 */
export function isAnother({ path, inode, bornMs }: UnfinishedFile): boolean {
  if (!existsSync(path)) return false
  const now = identityOf(path)
  return now.inode !== inode || now.bornMs !== bornMs
}

/** Records a file in progress, so that it is found if its process is killed. {@link forgetUnfinished} removes the record. */
export async function noteUnfinished(stateDirectory: string, file: UnfinishedFile): Promise<void> {
  replaceConcurrently(noteOf(stateDirectory, file.path), JSON.stringify(file), 0o600)
}

export async function forgetUnfinished(stateDirectory: string, path: string): Promise<void> {
  await rm(noteOf(stateDirectory, path), { force: true })
}

/** Backups that were begun and did not end: their processes are running, or were killed. */
export function unfinishedBackups(stateDirectory: string): UnfinishedFile[] {
  return existsSync(stateDirectory) ? notes(stateDirectory).map(({ file }) => file) : []
}

/** The files that killed backups have left. */
export function remnantsOf(files: readonly UnfinishedFile[], nowMs: number): Remnant[] {
  return files.map((one) => remnantOf(one, nowMs)).filter((remnant) => remnant !== undefined && remnant !== 'none')
}

/**
 * Removes the files that killed backups have certainly left; another user's file may be out of reach, and that user
 * must remove it.
 */
export async function clearUnfinished(stateDirectory: string, nowMs: number): Promise<void> {
  for (const { note, file } of notes(stateDirectory)) {
    const remnant = remnantOf(file, nowMs)
    if (remnant === undefined || (remnant !== 'none' && !remnant.isOurs)) continue
    const isGone = remnant === 'none' || (await removed(remnant.path))
    if (isGone) await rm(note, { force: true })
  }
}

async function removed(path: string): Promise<boolean> {
  try {
    await rm(path, { force: true })
    return true
  } catch {
    return false
  }
}

/** Undefined if a backup may still run, or if the file cannot be examined. */
function remnantOf({ path, inode, bornMs }: UnfinishedFile, nowMs: number): Remnant | 'none' | undefined {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there === undefined) return 'none'
    if (nowMs - there.mtimeMs < QUIET_MS) return undefined
    return { path, isOurs: !isAnother({ path, inode, bornMs }) }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}

function notes(stateDirectory: string): { note: string; file: UnfinishedFile }[] {
  return readdirSync(stateDirectory)
    .filter((name) => NOTE.test(name))
    .flatMap((name) => {
      const note = join(stateDirectory, name)
      try {
        return [{ note, file: JSON.parse(readFileSync(note, 'utf8')) as UnfinishedFile }]
      } catch {
        // The backup has just been completed.
        return []
      }
    })
}

function identityOf(path: string): Omit<UnfinishedFile, 'path'> {
  return identityIn(statSync(path, { bigint: true }))
}

function identityIn({ ino, birthtimeMs }: Pick<BigIntStats, 'ino' | 'birthtimeMs'>): Omit<UnfinishedFile, 'path'> {
  return { inode: String(ino), bornMs: Number(birthtimeMs) }
}

function noteOf(stateDirectory: string, path: string): string {
  return join(stateDirectory, `backup-unfinished-${hash('sha256', path).slice(0, 16)}.json`)
}
