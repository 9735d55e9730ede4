import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../base/canonical.ts'
import { isAtLeast, isNewer, OLDEST_SAFE_VERSION, packageVersion } from '../../base/version.ts'
import { damageOf } from './damage.ts'
import type { NewEvent } from './events.ts'
import { factsOf } from './events.ts'
import type { SchemaState } from './migrations.ts'
import { journalSchema, journalTooNew, SCHEMA, schemaState } from './migrations.ts'

/** The event that a program adds with its first event after a start that became ready, if another one wrote before. */
const CHANGED = { kind: 'program.changed', op: 'program' } as const

/** `from`: the first event of the process that recorded it. */
export type ProgramSpan = { readonly from: number; readonly version: string }

type Row = { seq: number; boot: string; body: string; kind: string }

function changes(db: Database): Row[] {
  return db
    .prepare<[string, string], Row>(
      "SELECT seq, boot, body, kind FROM event WHERE op = ? AND op <> '' AND kind = ? ORDER BY seq",
    )
    .all(CHANGED.op, CHANGED.kind)
}

/** The oldest program that may open the journal, by its record and by its events: a restored journal has these alone. */
export function oldestSafeVersion(db: Database): string {
  const recorded = schemaState(db).minSafeVersion
  const stated = changes(db).map((row) => factsOf(row, CHANGED.kind)?.oldest_safe_version ?? '')
  // One that cannot be read lets no program in.
  return stated.reduce((oldest, version) => (isAtLeast(oldest, version) ? oldest : version), recorded)
}

/** The schema of the database, 0 for an empty one. Throws `journal_too_new` for one that this program must not open. */
export function openableSchema(db: Database): number {
  const schema = journalSchema(db)
  if (schema === 0) return schema
  const program = packageVersion()
  const minSafeVersion = readableSafeVersion(db)
  if (minSafeVersion === undefined || isAtLeast(program, minSafeVersion)) return schema
  throw journalTooNew({ ...schemaState(db), minSafeVersion }, program)
}

/** Undefined if a page is damaged: the caller finds its place. */
function readableSafeVersion(db: Database): string | undefined {
  try {
    return oldestSafeVersion(db)
  } catch (error) {
    if (damageOf(error) === error) throw error
    return undefined
  }
}

/** The newer programs that have written to the journal, the first one first. */
export function laterPrograms(db: Database): ProgramSpan[] {
  const own = packageVersion()
  const before = db
    .prepare<[number, string], number>('SELECT seq FROM event WHERE seq < ? AND boot <> ? ORDER BY seq DESC LIMIT 1')
    .pluck()
  return changes(db).flatMap((row) => {
    const { version = '' } = factsOf(row, CHANGED.kind) ?? {}
    return isAtLeast(own, version) ? [] : [{ from: (before.get(row.seq, row.boot) ?? 0) + 1, version }]
  })
}

/** The event that accompanies the next one, and the state after it; undefined if the newest one is of this program. */
export function programChange(db: Database): { event: NewEvent; state: SchemaState } | undefined {
  const version = packageVersion()
  const newest = changes(db).at(-1)
  const facts = { version, schema: SCHEMA, oldest_safe_version: OLDEST_SAFE_VERSION }
  if (newest !== undefined && canonicalJson(factsOf(newest, CHANGED.kind) ?? null) === canonicalJson(facts))
    return undefined
  return { event: { ...CHANGED, body: { facts } }, state: stateAfter(schemaState(db)) }
}

/** A program never lowers what a newer one has recorded. */
function stateAfter({ schema, minSafeVersion, writtenBy }: SchemaState): SchemaState {
  const version = packageVersion()
  return {
    schema,
    minSafeVersion: isNewer(OLDEST_SAFE_VERSION, minSafeVersion) ? OLDEST_SAFE_VERSION : minSafeVersion,
    writtenBy: isAtLeast(writtenBy, version) ? writtenBy : version,
  }
}
