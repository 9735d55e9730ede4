import { readPlainFile } from '../../tls/plain-file.ts'

/**
 * The secrets in the form in which the unit passes them to the daemon: only root may be able to read the files, so they
 * are read before root's rights are dropped.
 */
export function readSecrets(paths: Iterable<string>): ReadonlyMap<string, Uint8Array> {
  const read = new Map<string, Uint8Array>()
  for (const path of paths) {
    try {
      read.set(path, readPlainFile(path))
    } catch {
      // The part that needs the file reads it again and reports the error.
    }
  }
  return read
}
