import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { codeOf } from '../../base/thrown.ts'
import { damageOf, JournalDamagedError, JournalUnreadableError } from './damage.ts'
import { JournalReadError } from './disk/storage-error.ts'
import { eventRange, headSeq, whole } from './event-table.ts'
import { journalPath } from './journal-file.ts'
import { PROJECTION_TABLES } from './projections/tables.ts'
import { readJournal } from './reader.ts'

const PORTION = 500
const HEAD_BYTES = 100
const MAGIC = 'SQLite format 3\0'
const UNREADABLE = 'it cannot be read'

/**
 * The error of a start or a command, as damage with its place if it may come from a damaged journal: SQLite does not name
 * the place, and a row of zeros reads as values that no code expects. Then it reads the whole file.
 */
export function placedDamage(error: unknown, directory: string): unknown {
  if (!mayBeDamage(error)) return error
  try {
    return readJournal(directory, damageIn) ?? damageOf(error)
  } catch (reading) {
    if (!(reading instanceof JournalUnreadableError)) return damageOf(error)
    return damageOfFile(journalPath(directory), reading.sqliteCode)
  }
}

function mayBeDamage(error: unknown): boolean {
  const isOfSqlite = damageOf(error) instanceof JournalUnreadableError || error instanceof JournalReadError
  return isOfSqlite || (error instanceof Error && codeOf(error) === undefined)
}

/** SQLite refuses to read any page: the file is cut off, or its first page, the begin of the table of tables, is damaged. */
function damageOfFile(path: string, sqliteCode: string): JournalDamagedError {
  const bytes = Buffer.alloc(HEAD_BYTES)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes, 0, HEAD_BYTES, 0)
    const size = fstatSync(file).size
    // 1 means 65,536 (sqlite.org/fileformat2.html § 1.3.2).
    const page = bytes.readUInt16BE(16)
    const whole = (page === 1 ? 65_536 : page) * bytes.readUInt32BE(28)
    const isHead = bytes.toString('latin1', 0, MAGIC.length) === MAGIC
    if (isHead && size < whole)
      return new JournalDamagedError('file', `journal.db ends after ${size} of ${whole} bytes`)
    return new JournalDamagedError('table sqlite_schema', `${UNREADABLE} (${sqliteCode})`)
  } finally {
    closeSync(file)
  }
}

/** The first event that cannot be read, else the first table with a fault; undefined if all can be read. */
function damageIn(db: Database): JournalDamagedError | undefined {
  const event = unreadableEvent(db)
  if (event !== undefined) return new JournalDamagedError(event, UNREADABLE)
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  for (const table of tables) {
    const fault = faultOf(db, table)
    if (fault !== undefined) return new JournalDamagedError(`table ${table}`, fault, remedyFor(table))
  }
  return undefined
}

/** A table that is made from the events can be made again, unless SQLite cannot even drop it. */
function remedyFor(table: string): string | undefined {
  if (!Object.hasOwn(PROJECTION_TABLES, table)) return undefined
  return (
    'Do not sell. "fiskal-edge journal rebuild" makes the table again from the events, of which none is lost; if it is refused ' +
    'too, write them to a backup (fiskal-edge backup FILE) and restore that.'
  )
}

function unreadableEvent(db: Database): number | undefined {
  const range = eventRange(db)
  let last = 0
  try {
    const end = headSeq(db)
    while (last < end) {
      const after = last
      for (const { seq } of whole(range.iterate(after, end, PORTION), after)) last = seq
      if (last === after) return last + 1
    }
    return undefined
  } catch (error) {
    return damageOf(error) instanceof JournalDamagedError ? last + 1 : undefined
  }
}

/** SQLite checks the pages of the table and of its indexes, and that each row has what its columns need. */
function faultOf(db: Database, table: string): string | undefined {
  try {
    const [first] = db.pragma(`integrity_check("${table}")`) as { integrity_check: string }[]
    return first === undefined || first.integrity_check === 'ok' ? undefined : UNREADABLE
  } catch (error) {
    if (damageOf(error) instanceof JournalDamagedError) return UNREADABLE
    throw error
  }
}
