import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { lastChain, readChains } from './chains.ts'
import type { CheckpointSigner } from './checkpoint.ts'
import { headSeq } from './event-table.ts'
import { exportLines } from './export.ts'
import { demandBegun, openReadOnly } from './reader.ts'
import { sealEvents, sealOf } from './seal.ts'

const PORTION = 200

/** A value of a row as JSON holds it; bytes as `{ "b": base64 }`. */
export type RowValue = string | number | null | { b: string }
/**
 * A row that is not an event: of a device's memory, a checkpoint, an acknowledgement. Values in the order of the
 * columns.
 */
export type RowLine = { t: 'row'; table: string; row: RowValue[] }

/** The tables that no event holds, with the columns that order them. The first two change; of the others the newest checkpoint alone is replaced. */
export const SIDE_TABLES: Readonly<Record<string, readonly string[]>> = {
  device_state: ['device'],
  sync_cursor: ['target', 'chain'],
  checkpoint: ['seq'],
  device_log: ['device', 'counter'],
  sync_acknowledgement: ['target', 'chain', 'seq'],
}
const HELD = ['device_state', 'sync_cursor']

export type Snapshot = {
  agentId: string
  chainId: string
  epoch: number
  /** Events in it, of all chains. */
  events: number
  /** The last of them in the numbers of `chainId`, and its hash, base64url. */
  seq: number
  head: string
  /** Public key of `chainId`, raw Ed25519, base64url. */
  key: string
  /** Hash of the first event of the journal, base64url. */
  genesis: string
  /** True if the journal ends with its move to another machine: nothing came after. */
  moved: boolean
  /** Names of the segments that its events anchor. */
  sealedFiles: ReadonlySet<string>
  /** Whole lines: the events as in an export, then the rows. Throws JournalDamagedError. */
  lines(): AsyncGenerator<string>
  close(): void
}

/**
 * The journal as it is at this moment, read while its writer runs, in short reads: later events are left out, and no
 * read is held open that would keep the log from being reset. Throws JournalMissingError, `journal_too_new`.
 */
export function openSnapshot(directory: string, signer: CheckpointSigner): Snapshot {
  const db = openReadOnly(directory)
  try {
    demandBegun(db, directory)
    // One read transaction: a device's memory is of the same moment as the head.
    const { events, held, tops } = db.transaction(() => ({
      events: headSeq(db),
      held: HELD.flatMap((table) => rowsOf(db, table)),
      tops: topsOf(db),
    }))()
    const chains = readChains(db)
    const { agentId, chainId, epoch, base, publicKey: key } = lastChain(chains)
    type Last = { kind: string; hash: Buffer }
    const last = db.prepare<[number], Last>('SELECT kind, hash FROM event WHERE seq = ?').get(events)
    const head = last?.hash.toString('base64url') ?? ''
    const first = db.prepare<[], { hash: Buffer }>('SELECT hash FROM event WHERE seq = 1').get()
    const genesis = first?.hash.toString('base64url') ?? ''
    return {
      agentId,
      chainId,
      epoch,
      events,
      seq: events - base,
      head,
      key,
      genesis,
      moved: last?.kind === 'journal.moved',
      sealedFiles: new Set(
        chains.flatMap(({ chainId }) => sealEvents(db, chainId, events).map((event) => sealOf(event).file)),
      ),
      async *lines() {
        yield* exportLines(db, { first: 1, last: events }, signer)
        for (const row of held) yield line(row)
        for (const table of Object.keys(SIDE_TABLES)) {
          if (!HELD.includes(table)) yield* grownRows(db, table, events, tops)
        }
      },
      close: () => db.close(),
    }
  } catch (error) {
    db.close()
    throw error
  }
}

/** The highest counter of each device, the acknowledged seq of each target and chain. */
function topsOf(db: Database): ReadonlyMap<string, number> {
  const tops = new Map<string, number>()
  const logs = db.prepare<[], { device: string; top: number }>(
    'SELECT device, max(counter) AS top FROM device_log GROUP BY device',
  )
  for (const { device, top } of logs.all()) tops.set(`device_log ${device}`, top)
  for (const { row } of rowsOf(db, 'sync_cursor')) {
    const [target, chain, acked] = row
    tops.set(`sync_acknowledgement ${String(target)} ${String(chain)}`, Number(acked))
  }
  return tops
}

function rowsOf(db: Database, table: string): RowLine[] {
  const rows = db.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().all() as unknown[][]
  return rows.map((row) => rowLine(table, row))
}

/** Rows in portions, up to the last row at the moment of the snapshot. */
async function* grownRows(
  db: Database,
  table: string,
  events: number,
  tops: ReadonlyMap<string, number>,
): AsyncGenerator<string> {
  const columns = SIDE_TABLES[table] ?? []
  const marks = columns.map(() => '?').join(', ')
  const portion = db
    .prepare<unknown[], unknown[]>(
      `SELECT * FROM ${table} WHERE (${columns.join(', ')}) > (${marks}) ORDER BY ${columns.join(', ')} LIMIT ${PORTION}`,
    )
    .raw()
  // Numbers sort before texts: the first key is below all others.
  let after: unknown[] = columns.map(() => -1)
  for (;;) {
    const rows = portion.all(...after) as unknown[][]
    const last = rows.at(-1)
    if (last === undefined) return
    const visibleRows = rows.filter((row) => {
      const name = row.slice(0, columns.length - 1).join(' ')
      const top = columns.length === 1 ? events : (tops.get(`${table} ${name}`) ?? 0)
      return Number(row[columns.length - 1]) <= top
    })
    yield visibleRows.map((row) => line(rowLine(table, row))).join('')
    after = last.slice(0, columns.length)
    await turn()
  }
}

function rowLine(table: string, row: readonly unknown[]): RowLine {
  const values = row.map((value) => (Buffer.isBuffer(value) ? { b: value.toString('base64') } : (value as RowValue)))
  return { t: 'row', table, row: values }
}

function line(members: object): string {
  return `${JSON.stringify(members)}\n`
}
