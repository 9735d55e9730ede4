import type { Database } from 'better-sqlite3'
import { PROJECTION_TABLES } from './projections/tables.ts'

/** Frozen: a test pins the hash of each. The next change of the journal's own tables gets the next number. */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, op TEXT NOT NULL, at TEXT NOT NULL, boot TEXT NOT NULL,
  mono TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;
CREATE INDEX event_op ON event (op, seq) WHERE op <> '';
CREATE TRIGGER event_append_only_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_append_only_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_contiguous BEFORE INSERT ON event WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
  BEGIN SELECT RAISE(ABORT, 'event seq must be head + 1'); END;
CREATE TABLE checkpoint (seq INTEGER PRIMARY KEY, head BLOB NOT NULL, kid TEXT NOT NULL, sig BLOB NOT NULL) STRICT;
CREATE TABLE device_log (
  device TEXT NOT NULL, counter INTEGER NOT NULL, kind TEXT NOT NULL, operation TEXT NOT NULL, tx INTEGER,
  client TEXT, time_ms INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (device, counter)) STRICT, WITHOUT ROWID;
CREATE INDEX device_log_tx ON device_log (device, tx) WHERE tx IS NOT NULL;
CREATE TABLE device_state (device TEXT PRIMARY KEY, state TEXT, pending TEXT) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE sync_cursor (
  target TEXT NOT NULL, chain TEXT NOT NULL, acked INTEGER NOT NULL, halt TEXT,
  PRIMARY KEY (target, chain)) STRICT, WITHOUT ROWID;
CREATE TABLE sync_acknowledgement (
  target TEXT NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (target, chain, seq)) STRICT, WITHOUT ROWID;
`,
  // Where each chain of the journal begins: its first event tells the rest.
  `
CREATE TABLE chain_start (seq INTEGER PRIMARY KEY) STRICT;
INSERT INTO chain_start SELECT seq FROM event WHERE seq = 1;
`,
  // The state after event `seq`, which the event behind it vouches for: a start folds what came later.
  `
CREATE TABLE book_state (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
`,
]

/** The version of the projection tables; another one on disk is dropped and rebuilt from the events. */
const PROJECTION_VERSION = 8

export class JournalVersionError extends Error {
  override readonly name = 'JournalVersionError'
  readonly code = 'journal_too_new'
}

/** The version of the database, 0 for an empty one. Throws JournalVersionError for one that a newer program made. */
export function journalVersion(db: Database): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    throw new JournalVersionError(
      `The journal has version ${version}, this program knows ${MIGRATIONS.length}: install the newer fiskal-edge again.`,
    )
  }
  return version
}

/** Brings the database to this version, each step atomic. Throws JournalVersionError. */
export function migrate(db: Database, fault: (point: string) => void): void {
  const version = journalVersion(db)
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(statements)
      db.pragma(`user_version = ${index + 1}`)
      fault('migration.before-commit')
    }).immediate()
    fault('migration.after-commit')
  }
}

/** True when the projection tables are missing or of another version. */
export function projectionsAreStale(db: Database): boolean {
  const row = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE name = 'projection_version'").get()
  return row?.value !== String(PROJECTION_VERSION)
}

/** Drops the projection tables and makes them anew, empty. */
export function resetProjections(db: Database): void {
  for (const name of Object.keys(PROJECTION_TABLES)) db.exec(`DROP TABLE IF EXISTS ${name}`)
  for (const statements of Object.values(PROJECTION_TABLES)) db.exec(statements)
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('projection_version', ?)").run(String(PROJECTION_VERSION))
}
