import type { Database } from 'better-sqlite3'
import { isEventKind } from './event-kinds.ts'
import { headSeq } from './event-table.ts'
import { SCHEMA, schemaState } from './migrations.ts'
import { laterPrograms } from './program-changes.ts'

/** The changes of a newer program in a journal that this older one opens. */
export type NewerProgram = {
  readonly version: string
  readonly schema: number
  /** Whether the newest events have kinds that this program does not know. They are kept and not interpreted. */
  readonly unknownEvents: number
}

/** A start does not read the journal of years to count them. */
const COUNTED_MAX = 50_000

/** Undefined if no newer program has written to the journal. */
export function newerProgram(db: Database): NewerProgram | undefined {
  const { schema, writtenBy } = schemaState(db)
  const later = laterPrograms(db)
  if (later.length === 0 && schema <= SCHEMA) return undefined
  const counts = db
    .prepare<[number], { kind: string; events: number }>(
      'SELECT kind, count(*) AS events FROM event WHERE seq > ? GROUP BY kind',
    )
    .all(headSeq(db) - COUNTED_MAX)
  const unknown = counts.filter(({ kind }) => !isEventKind(kind))
  return {
    version: later.at(-1)?.version ?? writtenBy,
    schema,
    unknownEvents: unknown.reduce((sum, { events }) => sum + events, 0),
  }
}
