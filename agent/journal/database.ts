import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { sqliteFault, sqliteVersion } from '../../base/sqlite-version.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { isNewer } from '../../base/version.ts'
import { announcedState, announceVersion, wasBegun } from './announced-version.ts'
import { StateRecorder } from './books/state-record.ts'
import { damageOf, JournalDamagedError } from './damage.ts'
import { settleLog } from './disk/wal.ts'
import { kindOf } from './documents/document.ts'
import type { EventBody, StoredEvent } from './events.ts'
import { demandWholeLog, journalLost, journalPath, readHead } from './journal-file.ts'
import type { JournalOptions } from './journal-options.ts'
import type { SchemaState } from './migrations.ts'
import {
  ANY_VERSION,
  migrate,
  notePartialProjections,
  projectionsAreStale,
  resetProjections,
  SCHEMA,
  schemaState,
} from './migrations.ts'
import { demandUnmoved } from './moved-journal.ts'
import { oldestSafeVersion, openableSchema } from './program-changes.ts'
import { follow, projectedSeq } from './projections/follow.ts'
import { Projections } from './projections/projections.ts'
import { demandSigned, unsignedHead } from './signed-head.ts'
import { verifyTail } from './tail.ts'

/** Some 8 MB of the log. */
export const AUTOCHECKPOINT_PAGES = 1000

/**
 * A repaired file system or a failed copy may leave an empty file of that name, which SQLite takes for a new database,
 * whose log it removes.
 */
function isGoneOrEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0
}

export type OpeningOptions = Pick<JournalOptions, 'directory' | 'fault' | 'renewal' | 'onReading'>

/**
 * Opens the journal's database for its only writer, brings it to this program's version and proves its end. Throws
 * `journal_too_new`, JournalDamagedError, `journal_unsafe`, and unless a new epoch is to begin `journal_moved` and
 * `journal_unsigned`.
 */
export function openForWriting({ directory, fault, renewal, onReading }: OpeningOptions): Database.Database {
  const db = openProven(directory, fault)
  const renews = renewal !== undefined
  const { seq } = readHead(db)
  try {
    if (!renews) demandUnmoved(db)
    if (!renews) demandSigned(db)
    if (projectionsAreStale(db)) rebuild(db, fault, onReading)
    // A person continues without some events: the tables made from them prove nothing.
    else if (renews && projectedSeq(db) > seq && unsignedHead(db) !== undefined) rebuild(db, fault, onReading)
    else catchUp(db, seq, fault)
    return db
  } catch (error) {
    db.close()
    throw damageOf(error, seq + 1)
  }
}

/** The same without checking the projections, and also for a journal that was moved. To be called under the lock. */
export function openProven(directory: string, fault: (point: string) => void): Database.Database {
  const path = journalPath(directory)
  const hasBegun = wasBegun(directory)
  if (hasBegun && isGoneOrEmpty(path)) throw journalLost(path)
  demandWholeLog(directory)
  const hasLog = existsSync(`${path}-wal`)
  const db = opened(directory)
  try {
    settleLog(db, path)
    fault('journal.log-settled')
    const schema = openableSchema(db)
    const holdsEvents = schema > 0 && readHead(db).seq > 0
    if (hasBegun && (!holdsEvents || (!hasLog && hasLostFirstStart(db, directory)))) throw journalLost(path)
    if (holdsEvents) announceVersion(directory, announcedBy(db))
    migrate(db, fault)
    verifyTail(db)
    return db
  } catch (error) {
    db.close()
    throw damageOf(error, 1)
  }
}

/**
 * True if the journal lost the event of the first start. A program announces that start outside the journal before it
 * journals it; a journal with commands such as `device init` alone has neither.
 */
function hasLostFirstStart(db: Database.Database, directory: string): boolean {
  return oldestSafeVersion(db) === ANY_VERSION && isNewer(announcedState(directory).minSafeVersion, ANY_VERSION)
}

/** As the journal is after its migration; only an event of a program raises the oldest safe version. */
export function announcedBy(db: Database.Database): SchemaState {
  const state = schemaState(db)
  return { ...state, schema: Math.max(state.schema, SCHEMA), minSafeVersion: oldestSafeVersion(db) }
}

/** Pages that do not belong to a database are damage, the last ones too. */
function opened(directory: string): Database.Database {
  try {
    return openDatabase(directory)
  } catch (error) {
    throw damageOf(error, 1)
  }
}

/** Throws `journal_unsafe` if a commit would not survive a power cut. */
export function openDatabase(directory: string): Database.Database {
  // A lock of another program is refused at once: the main thread must not wait for it.
  const db = new Database(journalPath(directory), { timeout: 0 })
  try {
    makePowerSafe(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function makePowerSafe(db: Database.Database): void {
  const fault = sqliteFault(db)
  if (fault !== undefined) throw new CodedError('journal_unsafe', `The journal cannot be made power-safe: ${fault}.`)
  // For a new file only. The events of a bon are some 2 KB each: in pages of 4 KB a quarter of the space stays empty.
  db.pragma('page_size = 8192')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('cache_size = -2000')
  db.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`)
  db.pragma('foreign_keys = ON')
  // The data of a savepoint would go to /var/tmp, and a commit would fail if that is full.
  db.pragma('temp_store = MEMORY')
  const mode = db.pragma('journal_mode', { simple: true })
  const synchronous = db.pragma('synchronous', { simple: true })
  if (mode !== 'wal' || synchronous !== 2)
    throw new CodedError(
      'journal_unsafe',
      `The journal cannot be made power-safe (journal_mode ${mode}, synchronous ${synchronous}): use a local disk.`,
    )
}

/**
 * Makes all projections again from the events in one transaction, and the state for the next start; returns the number
 * of events.
 */
export function rebuild(
  db: Database.Database,
  fault: (point: string) => void = () => undefined,
  onReading: () => void = () => undefined,
): number {
  return db
    .transaction(() => {
      resetProjections(db)
      const recorder = new StateRecorder(db)
      const events = followAll(db, 0, (event, body) => {
        onReading()
        recorder.note(event, body)
      })
      recorder.store()
      fault('rebuild.before-commit')
      return events
    })
    .immediate()
}

/** Writes the tables from the events after a seq. */
function followAll(db: Database.Database, after: number, look?: (event: StoredEvent, body: EventBody) => void): number {
  let isPartial = false
  const events = follow(db, new Projections(db), after, true, (event, body) => {
    isPartial ||= body.index !== undefined && kindOf(body.index) === undefined
    look?.(event, body)
  })
  if (isPartial) notePartialProjections(db)
  return events
}

/**
 * The tables lag by the events that the last process had not written when it was killed. If those do not fit the
 * tables, a page of the tables was overwritten: the events, which are proven, replace it.
 */
function catchUp(db: Database.Database, seq: number, fault: (point: string) => void): void {
  const projected = projectedSeq(db)
  if (projected > seq) throw new JournalDamagedError(seq + 1, `events up to ${projected} are missing`)
  if (projected === seq) return
  try {
    db.transaction(() => followAll(db, projected)).immediate()
  } catch (error) {
    if (codeOf(error)?.startsWith('SQLITE_CONSTRAINT') !== true) throw error
    rebuild(db, fault)
  }
}

/** The version of SQLite that opens journals. */
export function journalSqlite(): string {
  const db = new Database(':memory:')
  try {
    return sqliteVersion(db)
  } finally {
    db.close()
  }
}
