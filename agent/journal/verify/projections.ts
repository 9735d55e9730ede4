import { setImmediate as turn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { sqliteFolder } from '../../../base/temporary-name.ts'
import { CodedError, messageOf } from '../../../base/thrown.ts'
import { bodyReader } from '../body-reader.ts'
import { KNOWN_KINDS } from '../documents/kind.ts'
import { eventRange } from '../event-table.ts'
import type { EventBody, StoredEvent } from '../events.ts'
import { projectionsAreStale } from '../migrations.ts'
import { portionOf } from '../portion.ts'
import { ProjectionConflict } from '../projections/conflict.ts'
import { projectedSeq } from '../projections/follow.ts'
import type { KeyClaimRow } from '../projections/key-claims.ts'
import { readKeyClaimFilter } from '../projections/key-claims.ts'
import { Projections } from '../projections/projections.ts'
import { PROJECTION_TABLES } from '../projections/tables.ts'

const PORTION = 500

/** SQLite's errors if it finds no folder for the copy, or a full one. */
const NO_SPACE = ['SQLITE_FULL', 'SQLITE_IOERR_GETTEMPPATH', 'SQLITE_CANTOPEN']

type Row = Record<string, unknown>
type Report = { add(part: 'projection', seq: number, what: string): void }

/**
 * Projects all events again into a temporary database (on disk, without a name, removed with the process) and compares
 * row by row, in the order of the keys. It takes the events of a walk that reads them anyway, and reads those that are
 * left. Each portion is compared in a separate read transaction, and the copy is first brought to the event that the
 * tables show in it: exact while a writer runs, and no read lasts.
 */
export class ProjectionCopy {
  readonly #live: Database.Database
  #copy: Copy | undefined
  /** Set within a portion that the copy takes. */
  #taken: Copy | undefined
  /** Why the copy cannot be continued. */
  #failure: { readonly error: unknown } | undefined

  constructor(live: Database.Database) {
    this.#live = live
  }

  /** Begins the next portion of a walk, with the event of this seq. No failure is thrown before the comparison. */
  begin(first: number): void {
    this.#attempt(() => {
      if (projectionsAreStale(this.#live)) return
      this.#copy ??= new Copy(this.#live)
      if (this.#copy.seq + 1 !== first) return
      this.#copy.begin()
      this.#taken = this.#copy
    })
  }

  /** Takes the next event of the portion; `json` returns its parsed body. */
  note(event: StoredEvent, json: () => unknown): void {
    const copy = this.#taken
    if (copy !== undefined) this.#attempt(() => copy.note(event, json))
  }

  end(): void {
    const copy = this.#taken
    this.#taken = undefined
    if (copy !== undefined) this.#attempt(() => copy.end())
  }

  /** Throws `storage_unavailable`. */
  async compare(findings: Report): Promise<'equal' | 'different' | 'not_checked'> {
    if (projectionsAreStale(this.#live)) return 'not_checked'
    try {
      if (this.#failure !== undefined) throw this.#failure.error
      this.#copy ??= new Copy(this.#live)
      return await compareTables(this.#live, this.#copy, findings)
    } catch (error) {
      if (isOfContent(error)) {
        findings.add('projection', 0, `the events cannot be projected: ${messageOf(error)}`)
        return 'different'
      }
      if (!(error instanceof Database.SqliteError && NO_SPACE.includes(error.code))) throw error
      // The journal itself is only read.
      throw new CodedError(
        'storage_unavailable',
        `The folder of temporary files, ${sqliteFolder()}, has no room for a second copy of the projections, which ` +
          'they are compared with: make room there, or name another folder in TMPDIR. Nothing is known to be wrong with the journal.',
      )
    }
  }

  close(): void {
    this.#copy?.close()
  }

  #attempt(work: () => void): void {
    if (this.#failure !== undefined) return
    try {
      work()
    } catch (error) {
      this.#failure = { error }
    }
  }
}

async function compareTables(live: Database.Database, copy: Copy, findings: Report): Promise<'equal' | 'different'> {
  while (live.transaction(() => copy.catchUp())()) await turn()
  let equal = true
  for (const table of Object.keys(PROJECTION_TABLES)) {
    if (table === 'operation_span' && hasLaterOperations(live)) continue
    const difference = table === 'claim_filter' ? await filterLack(live) : await compareTable(live, copy, table)
    if (difference === undefined) continue
    equal = false
    findings.add('projection', 0, `${difference} (journal rebuild makes all projections again)`)
  }
  return equal ? 'equal' : 'different'
}

/** Anyone may have edited the journal: an event may not be JSON, or have a mark that no table accepts. */
function isOfContent(error: unknown): boolean {
  if (error instanceof Database.SqliteError) return error.code.startsWith('SQLITE_CONSTRAINT')
  return [TypeError, SyntaxError, RangeError, ProjectionConflict].some((each) => error instanceof each)
}

/** The projections of the events so far, as many as the tables show. */
class Copy {
  readonly db = new Database('')
  readonly #live: Database.Database
  readonly #portion
  readonly #projections: Projections
  readonly #insert
  #seq = 0
  /** The last event that the tables showed when the portion began. */
  #shown = 0

  constructor(live: Database.Database) {
    const { db } = this
    this.#live = live
    this.#portion = eventRange(live)
    db.pragma('journal_mode = OFF')
    db.pragma('synchronous = OFF')
    db.pragma('cache_size = -4000')
    for (const statements of Object.values(PROJECTION_TABLES)) db.exec(statements)
    // The projections read only this from events: the first one of a resource.
    db.exec("CREATE TABLE event (seq INTEGER PRIMARY KEY, op TEXT); CREATE INDEX event_op ON event (op) WHERE op <> ''")
    this.#insert = db.prepare<[number, string]>('INSERT INTO event VALUES (?, ?)')
    this.#projections = new Projections(db)
  }

  get seq(): number {
    return this.#seq
  }

  begin(): void {
    this.#shown = projectedSeq(this.#live)
    this.db.exec('BEGIN')
  }

  note({ seq, at, kind, op, body }: StoredEvent, json = bodyReader(body)): void {
    if (seq > this.#shown) return
    if (op !== '') this.#insert.run(seq, op)
    this.#projections.note(seq, at, { kind, op, body: json() as EventBody })
    this.#seq = seq
  }

  end(): void {
    this.#projections.write()
    this.db.exec('COMMIT')
  }

  /** Reads the next portion; returns whether the tables show more. */
  catchUp(): boolean {
    this.begin()
    const events = portionOf(this.#portion.iterate(this.#seq, this.#shown, PORTION))
    for (const event of events) this.note(event)
    this.end()
    return events.length > 0 && this.#seq < this.#shown
  }

  close(): void {
    this.db.close()
  }
}

async function compareTable(live: Database.Database, copy: Copy, table: string): Promise<string | undefined> {
  const keys = keyColumns(live, table)
  const pages = { live: pager(live, table, keys), copy: pager(copy.db, table, keys) }
  let after: Row | undefined
  const compareNext = live.transaction((): string | undefined | 'end' => {
    // The copy is more than a portion late if the writer has just updated its tables.
    while (copy.catchUp());
    const rows = pages.live(after)
    const expected = pages.copy(after)
    for (const [index, row] of rows.entries()) {
      if (!isSame(row, expected[index])) return `${table} ${keyText(row, keys)} is not what the events say`
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
  const { filter, stored } = readKeyClaimFilter(live)
  const keys = keyColumns(live, 'claim')
  const next = pager(live, 'claim', keys) as (after: KeyClaimRow | undefined) => KeyClaimRow[]
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

/** The rows of each table that this program compares: those of a newer one's kinds are not its own. */
const COMPARED: { readonly [table: string]: string | undefined } = {
  operation: `type IN (${KNOWN_KINDS})`,
  resource: `type IN (${KNOWN_KINDS})`,
  last_completed: `type IN (${KNOWN_KINDS})`,
  operation_text: `seq IN (SELECT seq FROM operation WHERE type IN (${KNOWN_KINDS}))`,
}

function hasLaterOperations(db: Database.Database): boolean {
  return db.prepare(`SELECT 1 FROM operation WHERE type NOT IN (${KNOWN_KINDS}) LIMIT 1`).get() !== undefined
}

/** Reads the rows that follow a row in the order of the key. */
function pager(db: Database.Database, table: string, keys: readonly string[]): (after: Row | undefined) => Row[] {
  const order = keys.join(', ')
  const marks = keys.map(() => '?').join(', ')
  const compared = COMPARED[table] ?? 'TRUE'
  const start = db.prepare<[], Row>(`SELECT * FROM ${table} WHERE ${compared} ORDER BY ${order} LIMIT ${PORTION}`)
  const next = db.prepare<unknown[], Row>(
    `SELECT * FROM ${table} WHERE (${order}) > (${marks}) AND ${compared} ORDER BY ${order} LIMIT ${PORTION}`,
  )
  return (after) => (after === undefined ? start.all() : next.all(...keys.map((key) => after[key])))
}

/** The same columns with the same values, which SQLite gives as text, numbers, bytes or null. */
function isSame(row: Row, expected: Row | undefined): boolean {
  if (expected === undefined || Object.keys(row).length !== Object.keys(expected).length) return false
  for (const column in row) {
    const [value, wanted] = [row[column], expected[column]]
    const isEqual = Buffer.isBuffer(value) && Buffer.isBuffer(wanted) ? value.equals(wanted) : value === wanted
    if (!isEqual) return false
  }
  return true
}

function keyText(row: Row, keys: readonly string[]): string {
  return keys.map((key) => (Buffer.isBuffer(row[key]) ? row[key].toString('hex') : String(row[key]))).join(' ')
}
