import { readFileSync } from 'node:fs'

/** As the unit hands them to the daemon: their files may be root's alone, and are read before its rights are given up. */
export function readSecrets(paths: Iterable<string>): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const path of paths) {
    try {
      read.set(path, readFileSync(path, 'utf8'))
    } catch {
      // It is read again by whoever needs it, who says what is wrong.
    }
  }
  return read
}
