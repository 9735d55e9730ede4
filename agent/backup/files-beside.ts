import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessOfAnother } from '../../base/durable-file.ts'
import type { KnownArchive } from './archives.ts'
import { contentLines, isSound } from './archives.ts'
import { contentParts, writeContent } from './format.ts'
import type { Part } from './manifest.ts'

/** Agent, archive and the file itself, by the first digits of their hashes. */
const NAME = /^fiskal-edge-([\w-]{1,8})-([0-9a-f]{16})-([0-9a-f]{16})\.archive$/
/** What {@link keepBeside} and a backup itself are called until they are whole. */
export const LEFT_OVER = /^fiskal-edge-([\w-]{1,8})-.*(\.tmp|-new)$/
const DIGITS = 16
/** Kept free for the journal, whose disk it may be. */
const SPARE_BYTES = 1_000_000_000
const DAY_MS = 86_400_000

export type BesideFile = { path: string; parts: readonly Part[] }

/**
 * The file beside the backups of a folder that has the archive: one for all of them, made where it is missing or was
 * changed. Undefined where the archive is not whole any more, or has no room.
 */
export async function keepBeside(
  folder: string,
  agentId: string,
  source: string,
  archive: KnownArchive,
  nowMs: number,
): Promise<BesideFile | undefined> {
  for (const path of await besideFiles(folder, agentId, archive.sha256)) {
    const digest = createHash('sha256')
    const parts = await contentParts(path, (bytes) => digest.update(bytes))
    if (path.endsWith(`-${digest.digest('hex').slice(0, DIGITS)}.archive`)) {
      await tellNeeded(path, nowMs)
      return { path, parts }
    }
    await rm(path, { force: true })
  }
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < archive.bytes + SPARE_BYTES || !(await isSound(source, archive))) return undefined
  const prefix = prefixOf(agentId, archive.sha256)
  const made = join(folder, `${prefix}new`)
  const { sha256, parts } = await writeContent(made, contentLines(source, archive.sha256))
  const path = join(folder, `${prefix}${sha256.slice(0, DIGITS)}.archive`)
  await rename(made, path)
  await tellNeeded(path, nowMs)
  return { path, parts }
}

/** Tells the rotation that a backup of today still needs it. */
async function tellNeeded(path: string, nowMs: number): Promise<void> {
  try {
    await utimes(path, nowMs / 1000, nowMs / 1000)
  } catch (error) {
    unlessOfAnother(error)
    // Whoever may write it gives it a time by that: its first byte, as it is.
    const file = await open(path, 'r+')
    try {
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: 0 })
      await file.write(buffer, 0, 1, 0)
    } finally {
      await file.close()
    }
  }
}

/** Files of a folder that say that they have an archive. */
export async function besideFiles(folder: string, agentId: string, sha256: string): Promise<string[]> {
  const names = await readdir(folder)
  const prefix = prefixOf(agentId, sha256)
  return names.filter((name) => NAME.test(name) && name.startsWith(prefix)).map((name) => join(folder, name))
}

/** Those that no backup needs which is still there: last needed more than a day before the oldest of them, milliseconds. */
export async function expendableBeside(
  names: readonly string[],
  agentId: string,
  oldestMs: number,
  neededAtMs: (name: string) => Promise<number>,
  pattern = NAME,
): Promise<string[]> {
  const gone: string[] = []
  for (const name of names) {
    if (pattern.exec(name)?.[1] !== agentId.slice(0, 8)) continue
    // Not every file system keeps the second.
    if ((await neededAtMs(name)) < oldestMs - DAY_MS) gone.push(name)
  }
  return gone
}

function prefixOf(agentId: string, sha256: string): string {
  return `fiskal-edge-${agentId.slice(0, 8)}-${sha256.slice(0, DIGITS)}-`
}
