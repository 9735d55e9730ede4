import { readPlainFile } from '../../tls/plain-file.ts'

/**
 * As the unit hands them to the daemon: their files may be root's alone, and are read before root's rights are dropped.
 */
export function readSecrets(paths: Iterable<string>): ReadonlyMap<string, Uint8Array> {
  const read = new Map<string, Uint8Array>()
  for (const path of paths) {
    try {
      read.set(path, readPlainFile(path))
    } catch {
      // The part that needs it reads it again, and reports the error.
    }
  }
  return read
}
