import { accessSync, constants } from 'node:fs'
import { copyFile, mkdtemp, readdir, rm, stat, statfs, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { JOURNAL_FILE } from './journal-file.ts'

const COPIED: readonly string[] = [JOURNAL_FILE, `${JOURNAL_FILE}-wal`]

/** The file system is mounted read-only: SQLite opens no journal there, since it could not follow the log. */
export function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return false
  } catch (error) {
    return codeOf(error) === 'EROFS'
  }
}

/**
 * Runs a task that only reads the state directory. On a read-only disk it runs in a temporary folder that has a copy of
 * the journal, the content of its log included, and links to the other files. Throws `storage_unavailable`,
 * `journal_in_use`.
 */
export async function withReadableState<Result>(
  directory: string,
  read: (directory: string) => Promise<Result>,
): Promise<Result> {
  if (!isReadOnly(directory)) return await read(directory)
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-read-'))
  try {
    await copyInto(folder, directory)
    return await read(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function copyInto(folder: string, directory: string): Promise<void> {
  const names = await readdir(directory)
  const before = await traits(directory)
  const { bavail, bsize } = await statfs(folder)
  const bytes = before.reduce((sum, { size }) => sum + size, 0)
  if (bavail * bsize < bytes)
    throw new CodedError(
      'storage_unavailable',
      `The disk of ${directory} is mounted read-only, and ${tmpdir()} has no room for a copy of the journal ` +
        `(${Math.ceil(bytes / 1e6)} MB): name a folder that has it in TMPDIR.`,
    )
  for (const name of names) {
    if (COPIED.includes(name)) await copyFile(join(directory, name), join(folder, name), constants.COPYFILE_FICLONE)
    // The index of the log is useless without its writer.
    else if (name !== `${JOURNAL_FILE}-shm`) await symlink(resolve(directory, name), join(folder, name))
  }
  // The disk is read-only in this place, and writable in another.
  if (JSON.stringify(await traits(directory)) !== JSON.stringify(before))
    throw new CodedError(
      'journal_in_use',
      `An agent works in ${directory}, which cannot be written from here: run the command where that agent runs.`,
    )
}

/** Size and time change if a file is written. */
async function traits(directory: string): Promise<{ size: number; mtimeMs: number }[]> {
  const files = await Promise.all(COPIED.map((name) => stat(join(directory, name)).catch(() => undefined)))
  return files.map((file) => ({ size: file?.size ?? 0, mtimeMs: file?.mtimeMs ?? 0 }))
}
