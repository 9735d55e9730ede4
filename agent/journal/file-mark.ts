import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'
import { journalPath } from './journal-file.ts'

const FILE_MARK = 'journal.file'
const BYTES_MAX = 64
const BIRTH = /^[1-9]\d{0,20}$/

/**
 * The birth time of `journal.db` in nanoseconds: a folder that was put back file by file has another one. Undefined on a
 * file system without such times.
 */
export function birthOf(directory: string): string | undefined {
  const [folder, journal] = [directory, journalPath(directory)].map((path) => statSync(path, { bigint: true }))
  // Without statx(2) libuv returns the time of the last change instead.
  const hasBirths = folder !== undefined && folder.birthtimeNs !== folder.ctimeNs
  const birth = String(journal?.birthtimeNs)
  return hasBirths && BIRTH.test(birth) ? birth : undefined
}

/** The birth time that the last start noted; undefined if none did, or the file is not one of ours. */
export function notedBirth(directory: string): string | undefined {
  const path = join(directory, FILE_MARK)
  const stats = statSync(path, { throwIfNoEntry: false })
  const text = stats?.isFile() === true && stats.size < BYTES_MAX ? readFileSync(path, 'utf8').trim() : ''
  return BIRTH.test(text) ? text : undefined
}

/** Durable when it returns. Throws the system's error, e.g. of a full disk. */
export function noteBirth(directory: string, birth: string): void {
  replaceFile(join(directory, FILE_MARK), `${birth}\n`)
}

/** To be called before this program replaces `journal.db`, which loses nothing: the next start notes the new file. */
export function forgetBirth(directory: string): void {
  rmSync(join(directory, FILE_MARK), { force: true })
}
