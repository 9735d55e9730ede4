import type { Database } from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'
import { packageVersion } from '../../base/version.ts'
import { PROJECTION_TABLES } from './projections/tables.ts'

/**
 * One step of the journal's own tables. Frozen once it was shipped: a test pins the hash of each. It runs before the
 * program is known to start, so it adds only tables and columns that older programs ignore.
 */
export type Migration = {
  /** The `user_version` of the database afterwards: one more than that of the migration before. */
  readonly schema: number
  readonly up: string
}

/**
 * The schema of the first release: the bodies of its events have the parts of a document. Journals of the versions before it
 * have bodies of another form, and are refused.
 */
const FIRST_SCHEMA = 6

export const MIGRATIONS: readonly [Migration, ...Migration[]] = [
  {
    schema: FIRST_SCHEMA,
    // chain_start: the first event of each chain. book_state: the state after event `seq`, which the next event confirms.
    up: `
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
CREATE TABLE sync_cursor (
  target TEXT NOT NULL, chain TEXT NOT NULL, acked INTEGER NOT NULL, halt TEXT,
  PRIMARY KEY (target, chain)) STRICT, WITHOUT ROWID;
CREATE TABLE sync_acknowledgement (
  target TEXT NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (target, chain, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE chain_start (seq INTEGER PRIMARY KEY) STRICT;
CREATE TABLE book_state (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
`,
  },
]

/** The newest schema that this program knows. */
export const SCHEMA = (MIGRATIONS.at(-1) ?? MIGRATIONS[0]).schema

/** The version of the projection tables; another one on disk is dropped and rebuilt from the events. */
const PROJECTION_VERSION = 15

export function journalTooNew({ schema, minSafeVersion, writtenBy }: SchemaState, program: string): CodedError {
  return new CodedError(
    'journal_too_new',
    `The journal has schema ${schema}, written by fiskal-edge ${writtenBy || 'of a newer version'}; this is ${program} and knows ` +
      `${SCHEMA}. Nothing was changed: install ${minSafeVersion === '' ? 'the newer fiskal-edge' : `fiskal-edge ${minSafeVersion} or newer`} again.`,
  )
}

function journalTooOld(schema: number): CodedError {
  return new CodedError(
    'journal_too_old',
    `The journal has schema ${schema}, from before the first release; this is ${packageVersion()} and reads schema ${FIRST_SCHEMA} ` +
      'or newer. Nothing was changed: keep the state directory for its exports, and begin with an empty one.',
  )
}

/** The oldest safe version of a journal without an event of a program that was ready. */
export const ANY_VERSION = '0.0.0'

/** The programs that have written a journal, by its own record; '' if it has no record. */
export type SchemaState = { readonly schema: number; readonly minSafeVersion: string; readonly writtenBy: string }

/** The schema of the database, 0 for an empty one. Throws `journal_too_old` for one from before the first release. */
export function journalSchema(db: Database): number {
  const schema = schemaOf(db)
  if (schema > 0 && schema < FIRST_SCHEMA) throw journalTooOld(schema)
  return schema
}

function schemaOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

export function schemaState(db: Database): SchemaState {
  const schema = schemaOf(db)
  const value = (name: string): string => (schema === 0 ? '' : (metaValue(db, name) ?? ''))
  return { schema, minSafeVersion: value('min_safe_version'), writtenBy: value('written_by') }
}

function metaValue(db: Database, name: string): string | undefined {
  return db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck().get(name)
}

/**
 * Brings the database to this program's schema, each step atomic. One that a newer program made stays as it is. The
 * oldest safe version stays too: a program that cannot start has a way back. Throws `journal_too_old`.
 */
export function migrate(db: Database, fault: (point: string) => void): void {
  const before = journalSchema(db)
  for (const { schema, up } of MIGRATIONS.filter((step) => step.schema > before)) {
    db.transaction(() => {
      const { minSafeVersion, writtenBy } = schemaState(db)
      db.exec(up)
      db.pragma(`user_version = ${schema}`)
      writeState(db, {
        schema,
        minSafeVersion: minSafeVersion || ANY_VERSION,
        writtenBy: writtenBy || packageVersion(),
      })
      fault('migration.before-commit')
    }).immediate()
    fault('migration.after-commit')
  }
}

export function writeState(db: Database, state: SchemaState): void {
  const write = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
  write.run('schema', String(state.schema))
  write.run('min_safe_version', state.minSafeVersion)
  write.run('written_by', state.writtenBy)
}

/** The version of tables that lack the rows of a newer program's kinds: every other program makes them again. */
const PARTIAL_VERSION = `${PROJECTION_VERSION} of ${packageVersion()}`

/** True when the projection tables are missing or of another version. */
export function projectionsAreStale(db: Database): boolean {
  const version = metaValue(db, 'projection_version')
  return version !== String(PROJECTION_VERSION) && version !== PARTIAL_VERSION
}

/** The tables lack rows that a newer program would have written. */
export function notePartialProjections(db: Database): void {
  writeProjectionVersion(db, PARTIAL_VERSION)
}

function writeProjectionVersion(db: Database, version: string): void {
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('projection_version', ?)").run(version)
}

/** Drops the projection tables and makes them again, empty. */
export function resetProjections(db: Database): void {
  for (const name of Object.keys(PROJECTION_TABLES)) db.exec(`DROP TABLE IF EXISTS ${name}`)
  for (const statements of Object.values(PROJECTION_TABLES)) db.exec(statements)
  writeProjectionVersion(db, String(PROJECTION_VERSION))
}
