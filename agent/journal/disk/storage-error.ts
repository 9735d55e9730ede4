import Database from 'better-sqlite3'
import { FiskalError } from '../../errors.ts'

/** I/O, a full disk, damage, or a place in the chain that is not the next one: the database can no longer be trusted. */
export function isFatal(error: Error): boolean {
  if (!(error instanceof Database.SqliteError)) return false
  return !error.code.startsWith('SQLITE_CONSTRAINT') || error.code === 'SQLITE_CONSTRAINT_TRIGGER'
}

/**
 * The disk did not give what it holds: nothing is known of what was asked for. EIO itself comes as SQLITE_CORRUPT
 * (SQLITE_IOERR_CORRUPTFS), as a page does that is not what it was.
 */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Database.SqliteError && /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code)
}

export function readError(): FiskalError {
  return new FiskalError(
    'storage_unavailable',
    'The journal could not be read from disk: see the log and the health of the disk.',
    {},
    // Read before the intent, or behind what a device has done.
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}

export function storageError(): FiskalError {
  return new FiskalError(
    'storage_unavailable',
    'The journal could not be written: the agent restarts and reads it again from disk.',
    {},
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}
