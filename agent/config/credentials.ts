import { existsSync, lstatSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rfc3339 } from '../../base/clock.ts'
import type { SecretForm } from '../../base/secret-file.ts'
import { secretIn } from '../../base/secret-file.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { escapedPath } from './unit-name.ts'

/**
 * The folder in which the unit keeps a copy of each file that only root may read, under its escaped path. A copy is
 * renewed when its file changes (fiskal-edge-secret@.service); `renew` requests that after a missed change.
 */
export type HandedOver = { readonly folder: string; readonly renew: () => void }

/** The source of files that this process may not read; a map has contents that were read before, by path. */
export type Credentials = HandedOver | ReadonlyMap<string, Uint8Array> | undefined

/** The secret in such a file; throws SecretInvalidError for one of a single line that is not plain text. */
export function secretReader(credentials: Credentials): (path: string, form?: SecretForm) => Promise<string> {
  const read = fileReader(credentials)
  return async (path, form) => secretIn(await read(path), path, form)
}

/** Reads a configured file by its path: the copy of the unit, else the file itself. */
export function fileReader(credentials: Credentials): (path: string) => Promise<Buffer> {
  const place = handedFile(credentials)
  const handed = handedOver(credentials)
  const formerSecrets = credentials instanceof Map ? credentials : undefined
  return async (path) => {
    const before = formerSecrets?.get(path)
    if (before !== undefined) return Buffer.from(before)
    const file = place(path)
    if (file !== path && isNewer(path, file)) handed?.renew()
    if (!statSync(file).isFile()) throw new CodedError('no_file', `${path} is not a file.`)
    return readFile(file)
  }
}

/** The path from which such a file is read. */
export function handedFile(credentials: Credentials): (path: string) => string {
  const handed = handedOver(credentials)
  return (path) => {
    const copy = join(handed?.folder ?? '', escapedPath(path))
    return handed !== undefined && existsSync(copy) ? copy : path
  }
}

/** Requests renewed copies, after a secret was refused. */
export function renewalOf(credentials: Credentials): () => void {
  return handedOver(credentials)?.renew ?? (() => undefined)
}

/** The path that was read and its time, for a message: the time of a copy is that of its renewal. */
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

/** True if the file, or a link to it, was changed after its copy was made. Needs no right to read the file. */
function isNewer(path: string, copy: string): boolean {
  const copiedNs = statSync(copy, { bigint: true, throwIfNoEntry: false })?.mtimeNs
  const changes = [lstatSync, statSync].map((look) => changeOf(() => look(path, { bigint: true }).ctimeNs))
  return copiedNs !== undefined && changes.some((changed) => changed !== undefined && changed >= copiedNs)
}

/** Undefined for a removed file, or one in a folder that this user may not enter. */
function changeOf(look: () => bigint): bigint | undefined {
  try {
    return look()
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}
