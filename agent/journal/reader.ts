import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { JOURNAL_FILE } from './database.ts'
import type { EventLine, StoredEvent } from './events.ts'
import { eventLine } from './events.ts'
import { journalVersion } from './migrations.ts'

const PORTION = 200

export class JournalMissingError extends Error {
  override readonly name = 'JournalMissingError'
  readonly code = 'journal_missing'

  constructor(directory: string) {
    super(`There is no journal in ${directory}: check "state" in the configuration, or start the agent once.`)
  }
}

/** A connection beside the running writer's. Throws JournalMissingError, JournalVersionError, SqliteError. */
export function openReadOnly(directory: string): Database.Database {
  const path = join(directory, JOURNAL_FILE)
  if (!existsSync(path)) throw new JournalMissingError(directory)
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    db.pragma('cache_size = -2000')
    // Later migrations add tables of their own beside the events: an older journal reads the same.
    if (journalVersion(db) === 0) throw new JournalMissingError(directory)
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

export function headSeq(db: Database.Database): number {
  return db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
}

/** Whether an event of that kind was ever made of a resource. Throws as `openReadOnly` does. */
export function hasEvent(directory: string, op: string, kind: string): boolean {
  const db = openReadOnly(directory)
  try {
    return db.prepare("SELECT 1 FROM event WHERE op = ? AND op <> '' AND kind = ?").get(op, kind) !== undefined
  } finally {
    db.close()
  }
}

/** The oldest events. Throws as `openReadOnly` does. */
export function firstEvents(directory: string, count: number): EventLine[] {
  const db = openReadOnly(directory)
  try {
    return db.prepare<[number], StoredEvent>('SELECT * FROM event ORDER BY seq LIMIT ?').all(count).map(eventLine)
  } finally {
    db.close()
  }
}

/** The newest events, oldest first, in short reads. Throws as `openReadOnly` does. */
export function* lastEvents(directory: string, count: number): Generator<EventLine> {
  const db = openReadOnly(directory)
  try {
    const head = headSeq(db)
    const portion = db.prepare<[number, number, number], StoredEvent>(
      'SELECT * FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    )
    for (let seq = Math.max(0, head - count); seq < head; seq += PORTION) {
      for (const event of portion.all(seq, head, PORTION)) yield eventLine(event)
    }
  } finally {
    db.close()
  }
}
