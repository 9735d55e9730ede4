import { realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PROGRAM } from './files.ts'
import { ServiceError } from './host.ts'

const OTHERS_READ = 0o004
const OTHERS_PASS = 0o001

/**
 * The service runs as a separate user without access to homes. Throws {@link ServiceError} if it cannot reach the
 * program.
 */
export function demandPlace(): void {
  if (/^\/(home|root|run\/user|tmp|var\/tmp)\//.test(`${PROGRAM}/`))
    throw new ServiceError(
      'service_misplaced',
      `the service cannot reach ${PROGRAM}: move the folder to /opt, or install the Debian package`,
    )
  // A clone made under a hardened umask (027, 077) is unreadable for other users; so are its packages, if they came
  // later.
  const files = [import.meta.filename, join(PROGRAM, 'node_modules', 'commander', 'package.json'), process.execPath]
  const closed = files.map(closedOnTheWay).find((path) => path !== undefined)
  if (closed !== undefined)
    throw new ServiceError(
      'service_misplaced',
      `the service may not read ${closed}: chmod -R go+rX ${PROGRAM}, and go+x what lies above it`,
    )
}

/** The file, or the folder above it, that other users may not read; undefined if they can read the file. */
export function closedOnTheWay(file: string): string | undefined {
  const path = realpathSync(file)
  if ((statSync(path).mode & OTHERS_READ) === 0) return path
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & OTHERS_PASS) === 0) return folder
    if (folder === dirname(folder)) return undefined
  }
}
