import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const HASH_LENGTH = 8

/**
 * Under these names the unit hands over its secret files: `/etc/fiskal-edge/tse.pin` → `etc-fiskal-edge-tse.pin`. Two that
 * would have one name (`tse-1.pin`, `tse/1.pin`) have the hash of their path in it: no device is shown the PIN of another.
 */
export function credentialNames(paths: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(paths)]
  const isShared = (name: string): boolean => all.filter((path) => plainName(path) === name).length > 1
  return new Map(
    all.map((path) => {
      const name = plainName(path)
      return [path, isShared(name) ? `${name}-${hash('sha256', path).slice(0, HASH_LENGTH)}` : name]
    }),
  )
}

function plainName(path: string): string {
  return path.replace(/^\/+/, '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
}

/** A folder of the service manager (CREDENTIALS_DIRECTORY, LoadCredential of systemd.exec(5)), and what lies in it, by path. */
export type HandedOver = { folder: string; names: ReadonlyMap<string, string> }

const NOTHING_HANDED: HandedOver = { folder: '', names: new Map() }

/** How secrets come to a process that may not read their files, which are root's alone; a map holds what was read before, by path. */
export type Credentials = HandedOver | ReadonlyMap<string, string> | undefined

/** Reads a secret file by its path, as it was handed over or else itself; a newline at its end is dropped. */
export function secretReader(credentials: Credentials): (path: string) => Promise<string> {
  const handed = handedFile(credentials)
  const known = credentials === undefined || 'folder' in credentials ? undefined : credentials
  const read = async (path: string): Promise<string> => known?.get(path) ?? (await readFile(handed(path), 'utf8'))
  return async (path) => (await read(path)).replace(/\r?\n$/, '')
}

/** Where such a file is read. */
export function handedFile(credentials: Credentials): (path: string) => string {
  const { folder, names } = credentials !== undefined && 'folder' in credentials ? credentials : NOTHING_HANDED
  return (path) => {
    const handed = join(folder, names.get(path) ?? '')
    return names.has(path) && existsSync(handed) ? handed : path
  }
}
