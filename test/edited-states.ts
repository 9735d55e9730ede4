import Database from 'better-sqlite3'
import { journalPath } from '../agent/journal/journal-file.ts'

/** State directories whose journal a test edits by SQLite: their documents are what the test makes of them. */
export const EDITED_STATES = new Set<string>()

/** The edits of a person with root and sqlite3 in the journal of a stopped agent; its triggers do not stop him. */
export function withSqlite(state: string, edit: (db: Database.Database) => void): void {
  EDITED_STATES.add(state)
  const db = new Database(journalPath(state))
  try {
    const triggers = db
      .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all()
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`)
    edit(db)
    for (const { sql } of triggers) db.exec(sql)
  } finally {
    db.close()
  }
}

type Insider = {
  /** Cuts the journal off before this event. */
  cut(seq: number): void
  /** Removes this event and leaves all others as they are. */
  removeEvent(seq: number): void
  /** Removes the checkpoints, which would reveal a cut. */
  removeCheckpoints(): void
  /** Lets the next start make the tables again. */
  forgetTables(): void
  /** Runs other statements, of which each must change something. */
  run(...statements: readonly string[]): void
}

/** What that person does most, by name. */
export function insiderAt(state: string): Insider {
  const run = (statement: string, ...values: readonly number[]): void =>
    withSqlite(state, (db) => {
      if (db.prepare(statement).run(...values).changes === 0) throw new Error(`nothing was changed by ${statement}`)
    })
  return {
    cut: (seq) => run('DELETE FROM event WHERE seq >= ?', seq),
    removeEvent: (seq) => run('DELETE FROM event WHERE seq = ?', seq),
    removeCheckpoints: () => run('DELETE FROM checkpoint'),
    forgetTables: () => run("UPDATE meta SET value = '0' WHERE name = 'projection_version'"),
    run: (...statements) => {
      for (const statement of statements) run(statement)
    },
  }
}
