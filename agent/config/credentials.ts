import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Under this name the unit hands over a secret file: `/etc/fiskal-edge/tse.pin` → `etc-fiskal-edge-tse.pin`. */
export function credentialName(path: string): string {
  return path.replace(/^\/+/, '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
}

/**
 * How secrets come to a process that may not read their files, which are root's alone: in a folder of the service manager
 * (CREDENTIALS_DIRECTORY, LoadCredential of systemd.exec(5)), or as what was read before, by path.
 */
export type Credentials = string | ReadonlyMap<string, string> | undefined

/** Reads a secret file by its path, as it was handed over or else itself; a newline at its end is dropped. */
export function secretReader(credentials: Credentials): (path: string) => Promise<string> {
  const handed = handedFile(credentials)
  const read = async (path: string): Promise<string> =>
    (typeof credentials === 'object' ? credentials.get(path) : undefined) ?? (await readFile(handed(path), 'utf8'))
  return async (path) => (await read(path)).replace(/\r?\n$/, '')
}

/** Where such a file is read. */
export function handedFile(credentials: Credentials): (path: string) => string {
  return (path) => {
    const handed = typeof credentials === 'string' ? join(credentials, credentialName(path)) : path
    return existsSync(handed) ? handed : path
  }
}
