import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'
import { ZERO_HASH } from './chain.ts'
import { JournalLogDamagedError } from './damage.ts'
import { endOfLog } from './disk/wal-scan.ts'

// Not part of database.ts, which loads the projections: a reader needs none.

export const JOURNAL_FILE = 'journal.db'

export function journalPath(directory: string): string {
  return join(directory, JOURNAL_FILE)
}

/**
 * Throws the system's error if the folder cannot be searched, as one of another user: the journal is not missing then.
 */
export function hasJournal(directory: string): boolean {
  return statSync(journalPath(directory), { throwIfNoEntry: false }) !== undefined
}

/** The newest event and the newest checkpoint; 0 if there is no such row. */
export function readHead(db: Database.Database): { seq: number; hash: Buffer; checkpoint: number } {
  const event = db
    .prepare<[], { seq: number; hash: Buffer }>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1')
    .get()
  const checkpoint = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM checkpoint').get()
  return { seq: event?.seq ?? 0, hash: event?.hash ?? ZERO_HASH, checkpoint: checkpoint?.seq ?? 0 }
}

/** The journal existed and is lost: a new one must not begin as if nothing had been sold. */
export function journalLost(path: string): CodedError {
  return new CodedError(
    'journal_lost',
    `${path} ${lossOf(path)}, and this shop has sold: put it back, or restore the last backup (fiskal-edge restore FILE). ` +
      `To begin from nothing, move ${dirname(path)} away.`,
  )
}

function lossOf(path: string): string {
  if (!existsSync(path)) return 'is missing'
  // Until its log has a thousand pages, the database file of a new journal has no event: some hundred sales.
  return statSync(path).size === 0 ? 'is empty' : `has lost its log (${JOURNAL_FILE}-wal)`
}

/**
 * Run this before SQLite opens the journal: returns the length of its log up to the last commit. Throws
 * JournalLogDamagedError if the log holds commits that SQLite would drop, `journal_lost` if it is missing.
 */
export function demandWholeLog(directory: string): number {
  const path = journalPath(directory)
  // SQLite makes the log first and removes it last. A writer that closes in between has removed both.
  const isShared = (): boolean => existsSync(`${path}-shm`)
  if (isShared() && !existsSync(`${path}-wal`) && isShared()) throw journalLost(path)
  const end = endOfLog(path)
  if (end === undefined) throw new JournalLogDamagedError(readableHead(path) + 1)
  return end
}

/**
 * The head before the damaged part of the log, 0 if no event is before it; a read-only connection leaves the log as it
 * is.
 */
function readableHead(path: string): number {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, timeout: 0 })
    return readHead(db).seq
  } catch {
    // A young journal is entirely in the log; and SQLite reads no journal on a read-only disk.
    return 0
  } finally {
    db?.close()
  }
}
