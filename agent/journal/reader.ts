import Database from 'better-sqlite3'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { damageOf } from './damage.ts'
import { eventRange, headSeq, isUnbegun, whole } from './event-table.ts'
import type { EventLine } from './events.ts'
import { eventLine } from './events.ts'
import { demandWholeLog, hasJournal, journalPath } from './journal-file.ts'
import { openableSchema } from './program-changes.ts'
import { isReadOnly } from './read-only-disk.ts'

const PORTION = 200
/** For the moment in which another process rebuilds the index of the log. */
const READ_LOCK_MS = 1000

export class JournalMissingError extends Error {
  override readonly name = 'JournalMissingError'
  readonly code = 'journal_missing'

  constructor(directory: string) {
    super(`There is no journal in ${directory}: check "state" in the configuration, or start the agent once.`)
  }
}

/** Reads on a separate connection, closed after it. Throws as `openReadOnly` does. */
export function readJournal<Result>(directory: string, read: (db: Database.Database) => Result): Result {
  const db = openReadOnly(directory)
  try {
    return read(db)
  } catch (error) {
    throw damageOf(error)
  } finally {
    db.close()
  }
}

/**
 * A connection while the writer may run. Throws JournalMissingError, JournalLogDamagedError, `journal_too_new`,
 * `storage_unavailable`, JournalUnreadableError, SqliteError.
 */
export function openReadOnly(directory: string): Database.Database {
  if (!hasJournal(directory)) throw new JournalMissingError(directory)
  demandWholeLog(directory)
  const db = new Database(journalPath(directory), { readonly: true, fileMustExist: true, timeout: READ_LOCK_MS })
  try {
    db.pragma('cache_size = -2000')
    if (openableSchema(db) === 0) throw new JournalMissingError(directory)
  } catch (error) {
    db.close()
    // SQLite reads no journal whose log it cannot lock.
    if (codeOf(error) === 'SQLITE_CANTOPEN' && isReadOnly(directory))
      throw new CodedError(
        'storage_unavailable',
        `The disk of ${directory} is mounted read-only. "fiskal-edge journal verify" and "fiskal-edge backup FILE" read a copy of ` +
          'its journal; for all else mount it for writing (dmesg shows why it is not).',
      )
    throw damageOf(error)
  }
  return db
}

/** Throws JournalMissingError before the first event: the journal has no owner yet. */
export function demandBegun(db: Database.Database, directory: string): void {
  if (isUnbegun(db)) throw new JournalMissingError(directory)
}

/** True if the resource ever had an event of that kind. Throws as `openReadOnly` does. */
export function hasEvent(directory: string, op: string, kind: string): boolean {
  return readJournal(
    directory,
    (db) => db.prepare("SELECT 1 FROM event WHERE op = ? AND op <> '' AND kind = ?").get(op, kind) !== undefined,
  )
}

/** Serial numbers of the retired TSEs. Throws as `openReadOnly` does. */
export function retiredTses(directory: string): string[] {
  const rows = readJournal(directory, (db) =>
    db
      .prepare<[], { op: string }>(
        "SELECT DISTINCT op FROM event WHERE op >= 'tse_' AND op < 'tse`' AND op <> '' AND kind = 'tse.retired'",
      )
      .all(),
  )
  return rows.map(({ op }) => op.slice('tse_'.length))
}

/** The oldest events. Throws as `openReadOnly` does. */
export function firstEvents(directory: string, count: number): EventLine[] {
  return readJournal(directory, (db) => eventsAfter(db, 0, count, count))
}

/** The newest events, oldest first, in short reads. Throws as `openReadOnly` does. */
export function* lastEvents(directory: string, count: number): Generator<EventLine> {
  const head = readJournal(directory, headSeq)
  for (let seq = Math.max(0, head - count); seq < head; seq += PORTION)
    yield* readJournal(directory, (db) => eventsAfter(db, seq, head, PORTION))
}

function eventsAfter(db: Database.Database, seq: number, upTo: number, limit: number): EventLine[] {
  return Array.from(whole(eventRange(db).iterate(seq, upTo, limit), seq), eventLine)
}
