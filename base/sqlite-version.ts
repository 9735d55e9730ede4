import { isAtLeast } from './version.ts'

/**
 * Before it, the log that one process begins again while another one checkpoints may lose a committed page
 * (sqlite.org/wal.html, "The WAL-Reset Bug"). The journal's checkpoint is such a process.
 */
const OLDEST_SAFE = '3.51.3'

type Connection = { prepare(sql: string): { pluck(): { get(): unknown } } }

/** The version of the connection's SQLite. */
export function sqliteVersion(db: Connection): string {
  return String(db.prepare('SELECT sqlite_version()').pluck().get())
}

/** Why a commit of the connection's SQLite may not last; undefined if it lasts. Reads no file. */
export function sqliteFault(db: Connection): string | undefined {
  const version = sqliteVersion(db)
  if (isAtLeast(version, OLDEST_SAFE)) return undefined
  return (
    `this program runs with SQLite ${version}, and one before ${OLDEST_SAFE} may lose a committed page. Nothing was opened or ` +
    'changed: install fiskal-edge again, with the SQLite that it contains'
  )
}
