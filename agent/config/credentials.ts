import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Under this name the unit hands over a secret file: `/etc/fiskal-edge/tse.pin` → `etc-fiskal-edge-tse.pin`. */
export function credentialName(path: string): string {
  return path.replace(/^\/+/, '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
}

/**
 * Reads a secret file by its path; a newline at its end is dropped. Under systemd the file itself may be root's alone:
 * its content then lies in `directory` (CREDENTIALS_DIRECTORY, LoadCredential of systemd.exec(5)).
 */
export function secretReader(directory: string | undefined): (path: string) => Promise<string> {
  const handed = handedFile(directory)
  return async (path) => (await readFile(handed(path), 'utf8')).replace(/\r?\n$/, '')
}

/** Where such a file is read. */
export function handedFile(directory: string | undefined): (path: string) => string {
  return (path) => {
    const handed = directory === undefined ? path : join(directory, credentialName(path))
    return existsSync(handed) ? handed : path
  }
}
