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
 * Bytes after which written data is synced. A till that sells at the same time syncs the journal, and some file systems
 * (ext4) then write all other new data too: at the end of an export that was hundreds of megabytes, and the till
 * waited.
 */
const SYNC_EVERY_BYTES = 4 * 1_048_576

/** `sha256` in hex, as sha256sum prints it. */
export type Written = { bytes: number; sha256: string }

/**
 * Writes a file that is complete and durable once it has its name: temporary file, fsync also on the way, rename, fsync
 * of its folder. The event loop turns between portions. The next attempt replaces a temporary file that a crash has
 * left, so only one process may write there.
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
 * A share or a stick (CIFS, FAT) may be mounted for one user and writable for others. All its files then appear as that
 * user's, who alone may set their mode and times. Throws any other error again.
 */
export function unlessOfAnother(error: unknown): void {
  if (codeOf(error) !== 'EPERM') throw error
}

/** Appends to a file and never leaves much to the sync after it: other syncs of the disk would wait for it too. */
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

/**
 * Writes all of it: a disk that fills up takes a part without an error, and refuses the next. Throws the system's
 * error.
 */
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
 * Some file systems (folders that a virtual machine shares, FUSE) cannot sync a folder: nothing more can be done there;
 * SQLite ignores it too. Throws any other error again.
 */
function unlessNotOffered(error: unknown): void {
  if (codeOf(error) !== 'EINVAL') throw error
}

/** Makes a file or folder durable before it returns: for starts and commands, while nothing else waits. */
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

/** As {@link writeDurably}, but synchronous. Mode 0600. For a process that works there alone. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`
  bringOver(openSync(temporary, 'w', 0o600), temporary, path, content)
}

/** As {@link replaceFile}, while other processes may replace it too: each file is complete, and the last one stays. */
export function replaceConcurrently(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = temporaryName(path)
  rmSync(temporary, { force: true })
  // A new file: an existing one may be another user's.
  const file = openSync(temporary, 'wx', mode)
  try {
    // The umask must not narrow it.
    fchmodSync(file, mode)
  } catch (error) {
    unlessOfAnother(error)
  }
  bringOver(file, temporary, path, content)
}

/**
 * Makes a file that is not replaced: if several processes make it at the same moment, the first one's stays, whole.
 * Mode 0600.
 */
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
    // All of it or an error: one write may take a part if the disk fills up.
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
