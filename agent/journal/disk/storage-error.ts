import Database from 'better-sqlite3'
import type { FiscalEffect } from '../../errors.ts'
import { FiskalError } from '../../errors.ts'
import type { Holder } from './holders.ts'
import { holderWords, writersOf } from './holders.ts'

/** I/O, a full disk, damage, or a place in the chain that is not the next one: the database can no longer be trusted. */
export function isFatal(error: Error): boolean {
  if (!(error instanceof Database.SqliteError)) return false
  return !error.code.startsWith('SQLITE_CONSTRAINT') || error.code === 'SQLITE_CONSTRAINT_TRIGGER'
}

/**
 * The disk did not return its data: the result of the read is unknown. EIO itself comes as SQLITE_CORRUPT
 * (SQLITE_IOERR_CORRUPTFS), and so does a page with changed content.
 */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Database.SqliteError && /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code)
}

export class JournalReadError extends FiskalError {
  constructor() {
    super(
      'storage_unavailable',
      'The journal could not be read from disk: see the log and the health of the disk.',
      {},
      // Read before the intent, or after the device has acted.
      { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
    )
  }
}

export function storageError(): FiskalError {
  return new FiskalError(
    'storage_unavailable',
    'The journal could not be written: the agent restarts and reads it again from disk.',
    {},
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}

/** Another process has the requested lock; nothing was changed. A stale snapshot is an error of this program. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false
  return error.code.startsWith('SQLITE_BUSY') && error.code !== 'SQLITE_BUSY_SNAPSHOT'
}

/** True if another program has the write lock. The list of the kernel blocks every lock of the machine for 15 ms (measured). */
export function isHeld(db: Database.Database): boolean {
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    if (!isBusy(error)) throw error
    return true
  }
}

/** Another program holds the journal while a start or a command must write. */
class JournalHeldError extends Error {
  override readonly name = 'JournalHeldError'
  readonly code = 'journal_held'

  constructor(database: string) {
    super(
      `${database} is held by ${holderWords(writersOf(database))}, which has a transaction open: end that program, or wait for it.`,
    )
  }
}

/** SQLite's error about a lock of another process, as {@link JournalHeldError}; otherwise the error itself. */
export function heldOr(error: unknown, database: string): unknown {
  return isBusy(error) ? new JournalHeldError(database) : error
}

const JOURNAL_HELD = 'journal_held'

/** Nothing was written or done, unless `effect` names another effect. */
export function heldError(holders: readonly Holder[], effect: FiscalEffect = 'none'): FiskalError {
  return new FiskalError(
    'storage_unavailable',
    `The journal is held by ${holderWords(holders)}: end that program, then retry with the same key.`,
    heldDetails(holders),
    { fiscalEffect: effect, retryAfterSeconds: 2 },
  )
}

/** The outcome of an act cannot be written yet. */
export function heldOutcomeError(holders: readonly Holder[]): FiskalError {
  return new FiskalError(
    'reconciling',
    `The outcome is not durable yet: the journal is held by ${holderWords(holders)}.`,
    heldDetails(holders),
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}

function heldDetails([first]: readonly Holder[]): FiskalError['details'] {
  return { reason: JOURNAL_HELD, ...(first !== undefined && { pid: first.pid }) }
}

/** True for a refusal of a held journal, which the log already contains. */
export function isHeldError(error: unknown): boolean {
  return error instanceof FiskalError && error.details['reason'] === JOURNAL_HELD
}

export function shuttingDown(): FiskalError {
  return new FiskalError('shutting_down', 'The agent is stopping.', {}, { retryAfterSeconds: 5 })
}
