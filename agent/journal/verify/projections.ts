import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { messageOf } from '../../../base/thrown.ts'
import { eventRange } from '../event-table.ts'
import type { StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import { projectionsAreStale } from '../migrations.ts'
import { portionOf } from '../portion.ts'
import type { ClaimRow } from '../projections/claims.ts'
import { readClaimFilter } from '../projections/claims.ts'
import { ProjectionConflict } from '../projections/conflict.ts'
import { projectedSeq } from '../projections/follow.ts'
import { Projections } from '../projections/projections.ts'
import { PROJECTION_TABLES } from '../projections/tables.ts'

const PORTION = 500

/** SQLite's errors if it finds no folder for the copy, or a full one. */
const NO_SPACE = ['SQLITE_FULL', 'SQLITE_IOERR_GETTEMPPATH', 'SQLITE_CANTOPEN']

class NoSpaceToCompareError extends Error {
  override readonly name = 'NoSpaceToCompareError'
  readonly code = 'storage_unavailable'

  constructor() {
    super(
      'The folder of temporary files (TMPDIR, else /var/tmp) has no room for a second copy of the projections, which ' +
        'they are compared with: make room there, or name another folder in TMPDIR. Nothing is known to be wrong with the journal.',
    )
  }
}

type Row = Record<string, unknown>
type Report = { add(part: 'projection', seq: number, what: string): void }

/**
 * Projects all events again into a temporary database (on disk, without a name, removed with the process) and compares
 * row by row, in the order of the keys. Each portion is compared in a separate read transaction, and the copy is first
 * brought to the event that the tables show in it: exact while a writer runs, and no read lasts. Throws
 * NoSpaceToCompareError.
 */
export async function compareProjections(
  live: Database.Database,
  findings: Report,
): Promise<'equal' | 'different' | 'not_checked'> {
  if (projectionsAreStale(live)) return 'not_checked'
  const copy = new Database('')
  try {
    const catchUp = copyMaker(live, copy)
    while (live.transaction(catchUp)()) await turn()
    let equal = true
    for (const table of Object.keys(PROJECTION_TABLES)) {
      const difference =
        table === 'claim_filter' ? await filterLack(live) : await compareTable(live, copy, table, catchUp)
      if (difference === undefined) continue
      equal = false
      findings.add('projection', 0, `${difference} (journal rebuild makes all projections again)`)
    }
    return equal ? 'equal' : 'different'
  } catch (error) {
    if (isOfContent(error)) {
      findings.add('projection', 0, `the events cannot be projected: ${messageOf(error)}`)
      return 'different'
    }
    // The journal itself is only read.
    throw error instanceof Database.SqliteError && NO_SPACE.includes(error.code) ? new NoSpaceToCompareError() : error
  } finally {
    copy.close()
  }
}

/** Anyone may have edited the journal: an event may not be JSON, or have a mark that no table accepts. */
function isOfContent(error: unknown): boolean {
  if (error instanceof Database.SqliteError) return error.code.startsWith('SQLITE_CONSTRAINT')
  return [TypeError, SyntaxError, RangeError, ProjectionConflict].some((each) => error instanceof each)
}

/**
 * Returns a function that projects the next portion of events into the copy and returns whether the tables show more.
 */
function copyMaker(live: Database.Database, copy: Database.Database): () => boolean {
  copy.pragma('journal_mode = OFF')
  copy.pragma('synchronous = OFF')
  copy.pragma('cache_size = -4000')
  for (const statements of Object.values(PROJECTION_TABLES)) copy.exec(statements)
  // The projections read only this from events: the first one of a resource.
  copy.exec("CREATE TABLE event (seq INTEGER PRIMARY KEY, op TEXT); CREATE INDEX event_op ON event (op) WHERE op <> ''")
  const insert = copy.prepare('INSERT INTO event VALUES (?, ?)')
  const projections = new Projections(copy)
  const portion = eventRange(live)
  let seq = 0
  const project = copy.transaction((events: readonly StoredEvent[]) => {
    for (const event of events) {
      if (event.op !== '') insert.run(event.seq, event.op)
      projections.note(event.seq, event.at, { kind: event.kind, op: event.op, body: bodyOf(event) })
      seq = event.seq
    }
    projections.write()
  })
  return () => {
    const shown = projectedSeq(live)
    const events = portionOf(portion.iterate(seq, shown, PORTION))
    project(events)
    return events.length > 0 && seq < shown
  }
}

async function compareTable(
  live: Database.Database,
  copy: Database.Database,
  table: string,
  catchUp: () => boolean,
): Promise<string | undefined> {
  const keys = keyColumns(live, table)
  const pages = { live: pager(live, table, keys), copy: pager(copy, table, keys) }
  let after: Row | undefined
  const compareNext = live.transaction((): string | undefined | 'end' => {
    // The copy is more than a portion late if the writer has just updated its tables.
    while (catchUp());
    const rows = pages.live(after)
    const expected = pages.copy(after)
    for (const [index, row] of rows.entries()) {
      if (textOf(row) !== textOf(expected[index])) return `${table} ${keyText(row, keys)} is not what the events say`
    }
    const surplus = rows.length < PORTION ? expected[rows.length] : undefined
    if (surplus !== undefined) return `${table} has no ${keyText(surplus, keys)}`
    after = rows.at(-1)
    return rows.length < PORTION ? 'end' : undefined
  })
  for (;;) {
    const result = compareNext()
    if (result === 'end') return undefined
    if (result !== undefined) return result
    await turn()
  }
}

/**
 * A filter may hold more than the table, of keys that were freed; a key missing in the filter would pass for new.
 * Covers only full blocks, to which a running writer adds nothing.
 */
async function filterLack(live: Database.Database): Promise<string | undefined> {
  const { filter, stored } = readClaimFilter(live)
  const keys = keyColumns(live, 'claim')
  const next = pager(live, 'claim', keys) as (after: ClaimRow | undefined) => ClaimRow[]
  for (let rows = next(undefined); rows.length > 0; rows = next(rows.at(-1))) {
    const full = rows.filter(({ block }) => block < stored)
    const missing = full.find(({ block, id }) => !filter.blocksOf(id.toString('base64url')).includes(block))
    if (missing !== undefined) return `claim_filter does not contain ${keyText(missing, keys)}`
    if (full.length < rows.length) return undefined
    await turn()
  }
  return undefined
}

function keyColumns(db: Database.Database, table: string): string[] {
  const columns = db.pragma(`table_info(${table})`) as { name: string; pk: number }[]
  return columns
    .filter(({ pk }) => pk > 0)
    .sort((one, other) => one.pk - other.pk)
    .map(({ name }) => name)
}

/** Reads the rows that follow a row in the order of the key. */
function pager(db: Database.Database, table: string, keys: readonly string[]): (after: Row | undefined) => Row[] {
  const order = keys.join(', ')
  const marks = keys.map(() => '?').join(', ')
  const start = db.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY ${order} LIMIT ${PORTION}`)
  const next = db.prepare<unknown[], Row>(
    `SELECT * FROM ${table} WHERE (${order}) > (${marks}) ORDER BY ${order} LIMIT ${PORTION}`,
  )
  return (after) => (after === undefined ? start.all() : next.all(...keys.map((key) => after[key])))
}

function textOf(row: Row | undefined): string {
  return JSON.stringify(row)
}

function keyText(row: Row, keys: readonly string[]): string {
  return keys.map((key) => (Buffer.isBuffer(row[key]) ? row[key].toString('hex') : String(row[key]))).join(' ')
}
