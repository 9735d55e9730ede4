import { readPlainFile } from '../../tls/plain-file.ts'

/** As the unit hands them to the daemon: their files may be root's alone, and are read before its rights are given up. */
export function readSecrets(paths: Iterable<string>): ReadonlyMap<string, Uint8Array> {
  const read = new Map<string, Uint8Array>()
  for (const path of paths) {
    try {
      read.set(path, readPlainFile(path))
    } catch {
      // It is read again by whoever needs it, who says what is wrong.
    }
  }
  return read
}
