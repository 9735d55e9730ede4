import { existsSync, lstatSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rfc3339 } from '../../base/clock.ts'
import { codeOf } from '../../base/thrown.ts'
import { escapedPath } from './unit-name.ts'

/**
 * The folder in which the unit keeps copies of files that may be root's alone, one a file, under its name as a unit has it;
 * each is renewed when the file changes (fiskal-edge-secret@.service). `renew` asks for that, should a change have been missed.
 */
export type HandedOver = { readonly folder: string; readonly renew: () => void }

/** How files come to a process that may not read them; a map holds what was read before, by path. */
export type Credentials = HandedOver | ReadonlyMap<string, Uint8Array> | undefined

/** What the configuration names is no file: who opens a pipe waits for ever. */
class NoFileError extends Error {
  override readonly name = 'NoFileError'
  readonly code = 'no_file'
}

/** The content of such a file as text; a newline at its end is dropped. */
export function secretReader(credentials: Credentials): (path: string) => Promise<string> {
  const read = fileReader(credentials)
  return async (path) => (await read(path)).toString('utf8').replace(/\r?\n$/, '')
}

/** Reads a file of the configuration by its path, as it was handed over or else itself. */
export function fileReader(credentials: Credentials): (path: string) => Promise<Buffer> {
  const place = handedFile(credentials)
  const handed = handedOver(credentials)
  const known = credentials instanceof Map ? credentials : undefined
  return async (path) => {
    const before = known?.get(path)
    if (before !== undefined) return Buffer.from(before)
    const file = place(path)
    if (file !== path && isNewer(path, file)) handed?.renew()
    if (!statSync(file).isFile()) throw new NoFileError(`${path} is no file.`)
    return readFile(file)
  }
}

/** Where such a file is read. */
export function handedFile(credentials: Credentials): (path: string) => string {
  const handed = handedOver(credentials)
  return (path) => {
    const copy = join(handed?.folder ?? '', escapedPath(path))
    return handed !== undefined && existsSync(copy) ? copy : path
  }
}

/** Asks for newer files, because somebody refused what one of them holds. */
export function renewalOf(credentials: Credentials): () => void {
  return handedOver(credentials)?.renew ?? (() => undefined)
}

/** What was read, and of when, as a person looks for it: the time of a copy is that of its renewal. */
export function readingOf(credentials: Credentials): (path: string) => string {
  const place = handedFile(credentials)
  return (path) => {
    const modified = statSync(place(path), { throwIfNoEntry: false })?.mtimeMs
    return modified === undefined ? path : `${path} as of ${rfc3339(Math.floor(modified))}`
  }
}

function handedOver(credentials: Credentials): HandedOver | undefined {
  return credentials !== undefined && 'folder' in credentials ? credentials : undefined
}

/** Whether the file, or a link that leads to it, was changed since its copy was made. To ask that needs no right to read it. */
function isNewer(path: string, copy: string): boolean {
  const made = statSync(copy, { bigint: true, throwIfNoEntry: false })?.mtimeNs
  const changes = [lstatSync, statSync].map((look) => changeOf(() => look(path, { bigint: true }).ctimeNs))
  return made !== undefined && changes.some((changed) => changed !== undefined && changed >= made)
}

/** Undefined for a file that is gone, or in a folder that this user may not enter. */
function changeOf(look: () => bigint): bigint | undefined {
  try {
    return look()
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}
