import { createHash } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { temporaryName } from './temporary-name.ts'
import { codeOf } from './thrown.ts'

/**
 * Bytes after which what was written goes to the disk. Whoever sells beside it syncs the journal, and with that some file
 * systems (ext4) write what else is new: at the end of an export that was hundreds of megabytes, and a till waited.
 */
const SYNC_EVERY_BYTES = 4 * 1_048_576

/** `sha256` in hex, as sha256sum prints it. */
export type Written = { bytes: number; sha256: string }

/**
 * Writes a file that is complete and on disk once it has its name: temporary file, fsync also on the way, rename, fsync of
 * the directory. The event loop turns between portions. A temporary file left by a crash is replaced by the next attempt:
 * for who works there alone.
 */
export async function writeDurably(
  path: string,
  portions: AsyncIterable<string | Uint8Array> | readonly (string | Uint8Array)[],
  mode: number,
  fault?: (point: string) => void,
): Promise<Written> {
  const temporary = `${path}.tmp`
  const digest = createHash('sha256')
  let bytes = 0
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', mode)
  try {
    // The umask must not narrow it.
    await file.chmod(mode).catch(unlessOfAnother)
    const write = steadily(file)
    fault?.('file.opened')
    for await (const portion of portions) {
      const data = Buffer.from(portion)
      digest.update(data)
      bytes += data.length
      await write(data)
      await turn()
    }
    fault?.('file.written')
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  fault?.('file.synced')
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  fault?.('file.renamed')
  await syncDirectory(dirname(path))
  return { bytes, sha256: digest.digest('hex') }
}

/**
 * On a share or a stick that is mounted for one user and open to others (CIFS, FAT) all files pass for his, who alone may set
 * their mode and times. Throws any other error again.
 */
export function unlessOfAnother(error: unknown): void {
  if (codeOf(error) !== 'EPERM') throw error
}

/** Writes on to a file, and never leaves much to the sync at its end: other syncs of the disk would wait for it too. */
export function steadily(file: FileHandle): (data: Uint8Array) => Promise<void> {
  let unsynced = 0
  return async (data) => {
    await file.writeFile(data)
    unsynced += data.length
    if (unsynced < SYNC_EVERY_BYTES) return
    unsynced = 0
    await file.datasync()
  }
}

/** The same portions; throws AbortError at the next one once `signal` is aborted. */
export async function* abortable<Portion>(
  portions: AsyncIterable<Portion>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Portion> {
  for await (const portion of portions) {
    signal?.throwIfAborted()
    yield portion
  }
}

/** All of it: a disk that fills up takes a part without an error, and refuses the next. Throws what the system says. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

/** Without it a power cut may undo a rename or a new file. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync().catch(unlessNotOffered)
  } finally {
    await directory.close()
  }
}

/**
 * Some file systems (folders that a virtual machine shares, FUSE) sync no folder at all: there nothing more can be done, as
 * SQLite too takes it. Throws any other error again.
 */
function unlessNotOffered(error: unknown): void {
  if (codeOf(error) !== 'EINVAL') throw error
}

/** A file or folder is on disk before this returns: for what runs at a start or in a command, where nothing else waits. */
export function syncNow(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } catch (error) {
    if (!fstatSync(opened).isDirectory()) throw error
    unlessNotOffered(error)
  } finally {
    closeSync(opened)
  }
}

/** As {@link writeDurably}, before it returns. Mode 0600. For who works there alone. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`
  bringOver(openSync(temporary, 'w', 0o600), temporary, path, content)
}

/** The same, whatever other processes bring to that place at the same moment: each is whole, and the last one stays. */
export function replaceBesideOthers(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = temporaryName(path)
  rmSync(temporary, { force: true })
  // A new file: one that is there already may be another user's.
  const file = openSync(temporary, 'wx', mode)
  try {
    // The umask must not narrow it.
    fchmodSync(file, mode)
  } catch (error) {
    unlessOfAnother(error)
  }
  bringOver(file, temporary, path, content)
}

/** A file that is not replaced: of processes that make it in the same moment the first one's stays, whole. Mode 0600. */
export function makeFile(path: string, content: Uint8Array): void {
  const temporary = temporaryName(path)
  replaceFile(temporary, content)
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  syncNow(dirname(path))
}

function bringOver(file: number, temporary: string, path: string, content: string | Uint8Array): void {
  try {
    // All of it or an error: one write may take a part where the disk fills up.
    writeFileSync(file, content)
    fsyncSync(file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  try {
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncNow(dirname(path))
}
