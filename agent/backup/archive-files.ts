import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { DAY_MS } from '../../base/clock.ts'
import { unlessOfAnother } from '../../base/durable-file.ts'
import type { KnownArchive } from './archives.ts'
import { contentLines, isSound } from './archives.ts'
import { contentParts, writeContent } from './format.ts'
import type { Part } from './manifest.ts'

/** The first digits of the hashes of the agent, the archive and the file itself. */
const NAME = /^fiskal-edge-([\w-]{1,8})-([0-9a-f]{16})-([0-9a-f]{16})\.archive$/
/** Names of files from {@link keepArchiveFile} and of backups until they are complete. */
export const LEFT_OVER = /^fiskal-edge-([\w-]{1,8})-.*(\.tmp|-new)$/
const DIGITS = 16
/** Bytes to keep free for the journal, which may be on the same disk. */
const SPARE_BYTES = 1_000_000_000

export type ArchiveFile = { path: string; parts: readonly Part[] }

/**
 * The file with the archive next to the backups of a folder: one for all of them, made if it is missing or was changed.
 * Undefined if the archive is no longer whole, or does not fit on the disk.
 */
export async function keepArchiveFile(
  folder: string,
  agentId: string,
  source: string,
  archive: KnownArchive,
  nowMs: number,
): Promise<ArchiveFile | undefined> {
  for (const path of await archiveFilesOf(folder, agentId, archive.sha256)) {
    const digest = createHash('sha256')
    const parts = await contentParts(path, (bytes) => digest.update(bytes))
    if (path.endsWith(`-${digest.digest('hex').slice(0, DIGITS)}.archive`)) {
      await markNeeded(path, nowMs)
      return { path, parts }
    }
    await rm(path, { force: true })
  }
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < archive.bytes + SPARE_BYTES || !(await isSound(source, archive))) return undefined
  const prefix = prefixOf(agentId, archive.sha256)
  const newFile = join(folder, `${prefix}new`)
  const { sha256, parts } = await writeContent(newFile, contentLines(source, archive.sha256))
  const path = join(folder, `${prefix}${sha256.slice(0, DIGITS)}.archive`)
  await rename(newFile, path)
  await markNeeded(path, nowMs)
  return { path, parts }
}

/** Marks the file for the rotation: a backup of today still needs it. */
async function markNeeded(path: string, nowMs: number): Promise<void> {
  try {
    await utimes(path, nowMs / 1000, nowMs / 1000)
  } catch (error) {
    unlessOfAnother(error)
    // A user who may only write the file sets its time by that: the first byte, unchanged.
    const file = await open(path, 'r+')
    try {
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: 0 })
      await file.write(buffer, 0, 1, 0)
    } finally {
      await file.close()
    }
  }
}

/** Files of a folder whose name claims that they have the archive. */
export async function archiveFilesOf(folder: string, agentId: string, sha256: string): Promise<string[]> {
  const names = await readdir(folder)
  const prefix = prefixOf(agentId, sha256)
  return names.filter((name) => NAME.test(name) && name.startsWith(prefix)).map((name) => join(folder, name))
}

/** Files that no present backup needs: last needed more than a day before the oldest backup, milliseconds. */
export async function expendableArchiveFiles(
  names: readonly string[],
  agentId: string,
  oldestMs: number,
  neededAtMs: (name: string) => Promise<number>,
  pattern = NAME,
): Promise<string[]> {
  const gone: string[] = []
  for (const name of names) {
    if (pattern.exec(name)?.[1] !== agentId.slice(0, 8)) continue
    // Not every file system stores the second.
    if ((await neededAtMs(name)) < oldestMs - DAY_MS) gone.push(name)
  }
  return gone
}

function prefixOf(agentId: string, sha256: string): string {
  return `fiskal-edge-${agentId.slice(0, 8)}-${sha256.slice(0, DIGITS)}-`
}
