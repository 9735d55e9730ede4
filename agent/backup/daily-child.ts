import { randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expendableArchiveFiles, LEFT_OVER } from './archive-files.ts'
import type { ChildTask } from './daily.ts'
import { restoresNote } from './earlier-restores.ts'
import type { LastBackup } from './last.ts'
import { makeBackup } from './make.ts'
import { expendable, oldestBackupMs } from './names.ts'

export async function work({ keep, nowMs, ...task }: ChildTask): Promise<LastBackup> {
  const random = (length: number): Uint8Array => randomBytes(length)
  const parts = { archives: 'separate', clock: { now: () => nowMs }, random, fault: () => undefined } as const
  const backup = await makeBackup({ ...task, ...parts })
  const folder = dirname(backup.file)
  // Only after the new one is complete.
  for (const name of expendable(await readdir(folder), backup.agent, keep, nowMs))
    for (const path of [name, restoresNote(name)]) await rm(join(folder, path), { force: true })
  await clearArchiveFiles(folder, backup.agent, nowMs)
  return backup
}

/** Removes archives that no backup needs any longer, and files that a power cut left half written. */
async function clearArchiveFiles(folder: string, agentId: string, nowMs: number): Promise<void> {
  const names = await readdir(folder)
  const touched = async (name: string): Promise<number> => (await stat(join(folder, name))).mtimeMs
  const gone = await expendableArchiveFiles(names, agentId, oldestBackupMs(names, agentId), touched)
  // A backup by hand may be in the making there.
  const abandoned = await expendableArchiveFiles(names, agentId, nowMs, touched, LEFT_OVER)
  for (const name of [...gone, ...abandoned]) await rm(join(folder, name), { force: true })
}
