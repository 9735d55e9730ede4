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
export type Begun = { path: string; inode: string; bornMs: number }

/** A remainder of a killed backup; `isOurs` false: another file has its name now, or its disk cannot identify it. */
type Left = { path: string; isOurs: boolean }

/** A file that was begun just now. Identified by its handle: another file may have its name by now. */
export async function begunAt(path: string, file: FileHandle): Promise<Begun> {
  return { path, ...identityIn(await file.stat({ bigint: true })) }
}

/** The file of that name; undefined if it does not exist. */
export function presentAt(path: string): Begun | undefined {
  return existsSync(path) ? { path, ...identityOf(path) } : undefined
}

/**
 * Whether another file has the name of the one that was begun; false if there is no file, as on a stick that was
 * unplugged.
 */
export function isAnother({ path, inode, bornMs }: Begun): boolean {
  if (!existsSync(path)) return false
  const now = identityOf(path)
  return now.inode !== inode || now.bornMs !== bornMs
}

/** Records a file in progress, so that it is found if its process is killed. {@link forgetBegun} removes the record. */
export async function noteBegun(stateDirectory: string, file: Begun): Promise<void> {
  replaceConcurrently(noteOf(stateDirectory, file.path), JSON.stringify(file), 0o600)
}

export async function forgetBegun(stateDirectory: string, path: string): Promise<void> {
  await rm(noteOf(stateDirectory, path), { force: true })
}

/** Backups that were begun and did not end: their processes are running, or were killed. */
export function begunBackups(stateDirectory: string): Begun[] {
  return existsSync(stateDirectory) ? notes(stateDirectory).map(({ begun }) => begun) : []
}

/** The files that killed backups have left. */
export function leftOfBegun(files: readonly Begun[], nowMs: number): Left[] {
  return files.map((one) => leftOf(one, nowMs)).filter((remainder) => remainder !== undefined && remainder !== 'none')
}

/**
 * Removes the files that killed backups have certainly left; another user's file may be out of reach, and that user
 * must remove it.
 */
export async function clearUnfinished(stateDirectory: string, nowMs: number): Promise<void> {
  for (const { note, begun } of notes(stateDirectory)) {
    const remainder = leftOf(begun, nowMs)
    if (remainder === undefined || (remainder !== 'none' && !remainder.isOurs)) continue
    const isGone = remainder === 'none' || (await removed(remainder.path))
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
function leftOf({ path, inode, bornMs }: Begun, nowMs: number): Left | 'none' | undefined {
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

function notes(stateDirectory: string): { note: string; begun: Begun }[] {
  return readdirSync(stateDirectory)
    .filter((name) => NOTE.test(name))
    .flatMap((name) => {
      const note = join(stateDirectory, name)
      try {
        return [{ note, begun: JSON.parse(readFileSync(note, 'utf8')) as Begun }]
      } catch {
        // That backup has just completed.
        return []
      }
    })
}

function identityOf(path: string): Omit<Begun, 'path'> {
  return identityIn(statSync(path, { bigint: true }))
}

function identityIn({ ino, birthtimeMs }: Pick<BigIntStats, 'ino' | 'birthtimeMs'>): Omit<Begun, 'path'> {
  return { inode: String(ino), bornMs: Number(birthtimeMs) }
}

function noteOf(stateDirectory: string, path: string): string {
  return join(stateDirectory, `backup-unfinished-${hash('sha256', path).slice(0, 16)}.json`)
}
