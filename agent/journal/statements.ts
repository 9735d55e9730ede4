import type { Database } from 'better-sqlite3'

/** What the writer of the journal says to its database, prepared once. */
export function statementsOf(db: Database) {
  return {
    insert: db.prepare<unknown[]>('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    insertCheckpoint: db.prepare<unknown[]>('INSERT INTO checkpoint VALUES (?, ?, ?, ?)'),
    beginGroup: db.prepare('BEGIN IMMEDIATE'),
    commitGroup: db.prepare('COMMIT'),
    savepoint: db.prepare('SAVEPOINT command'),
    rollback: db.prepare('ROLLBACK TO command'),
    release: db.prepare('RELEASE command'),
  }
}
