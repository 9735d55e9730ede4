import type { Database } from 'better-sqlite3'
import type { Journal } from './journal.ts'

const PORTION = 200

/** A signed log message of a secure element, as `device_log` keeps it. */
type DeviceLog = {
  counter: number
  kind: 'Tra' | 'Sys' | 'Aud'
  operation: string
  transaction: number | undefined
  clientId: string | undefined
  timeMs: number
  message: Uint8Array
}

/** A message that is about to be signed, and the state after it. */
type DevicePending<State> = { log: Omit<DeviceLog, 'message'>; unsigned: Uint8Array; next: State }

type LogRow = {
  counter: number
  kind: DeviceLog['kind']
  operation: string
  tx: number | null
  client: string | null
  time_ms: number
  message: Buffer
}

export type DeviceStoreOptions = {
  journal: Pick<Journal, 'read' | 'write'>
  /** Id of the device in the configuration. */
  device: string
  /** Runs `act` in a later round of the event loop: selling continues between two portions of a long read. */
  defer: (act: () => void) => void
}

/**
 * The memory of a software secure element inside the journal's database: what `prepare`, `commit` and `save` resolved
 * survives a power cut, and shares its sync with everything else of that turn. `State` is plain JSON.
 */
export function deviceStore<State>({ journal, device, defer }: DeviceStoreOptions) {
  const statements = journal.read(prepareStatements)
  const write = (run: () => void): Promise<void> => journal.write(run)
  const nextRound = () => new Promise<void>((resolve) => defer(resolve))

  return {
    async load(): Promise<{ state: State | undefined; pending: DevicePending<State> | undefined }> {
      const row = journal.read(() => statements.load.get(device))
      return {
        state: row?.state == null ? undefined : (JSON.parse(row.state) as State),
        pending: row?.pending == null ? undefined : parsePending<State>(row.pending),
      }
    },
    prepare: (pending: DevicePending<State>): Promise<void> => {
      const text = pendingText(pending)
      return write(() => statements.prepare.run(device, text))
    },
    commit: (log: DeviceLog, next: State): Promise<void> => {
      const state = JSON.stringify(next)
      const { counter, kind, operation, transaction, clientId, timeMs, message } = log
      return write(() => {
        statements.insert.run(
          device,
          counter,
          kind,
          operation,
          transaction ?? null,
          clientId ?? null,
          timeMs,
          Buffer.from(message),
        )
        statements.save.run(device, state)
      })
    },
    save: (next: State): Promise<void> => {
      const state = JSON.stringify(next)
      return write(() => statements.saveOnly.run(device, state))
    },
    async *logs(fromCounter: number): AsyncGenerator<DeviceLog> {
      let next = fromCounter
      for (;;) {
        const rows = journal.read(() => statements.range.all(device, next, PORTION))
        yield* rows.map(logOf)
        const last = rows.at(-1)
        if (last === undefined || rows.length < PORTION) return
        next = last.counter + 1
        await nextRound()
      }
    },
    async transaction(transaction: number): Promise<readonly DeviceLog[]> {
      const logs: DeviceLog[] = []
      for (let next = 0; ; await nextRound()) {
        const rows = journal.read(() => statements.ofTransaction.all(device, transaction, next, PORTION))
        logs.push(...rows.map(logOf))
        const last = rows.at(-1)
        if (last === undefined || rows.length < PORTION) return logs
        next = last.counter + 1
      }
    },
    async discard(upTo: number): Promise<void> {
      for (let first = 0; first <= upTo; await nextRound())
        await write(() => {
          first = statements.first.get(device)?.counter ?? upTo + 1
          if (first <= upTo) statements.discard.run(device, Math.min(upTo + 1, first + PORTION))
        })
    },
    /** The database is the journal's: there is nothing to close. */
    async close(): Promise<void> {},
  }
}

function prepareStatements(db: Database) {
  const columns = 'counter, kind, operation, tx, client, time_ms, message'
  const upsert = 'ON CONFLICT (device) DO UPDATE SET'
  return {
    load: db.prepare<[string], { state: string | null; pending: string | null }>(
      'SELECT state, pending FROM device_state WHERE device = ?',
    ),
    prepare: db.prepare<[string, string]>(
      `INSERT INTO device_state VALUES (?, NULL, ?) ${upsert} pending = excluded.pending`,
    ),
    insert: db.prepare<unknown[]>('INSERT INTO device_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    save: db.prepare<[string, string]>(
      `INSERT INTO device_state VALUES (?, ?, NULL) ${upsert} state = excluded.state, pending = NULL`,
    ),
    saveOnly: db.prepare<[string, string]>(
      `INSERT INTO device_state VALUES (?, ?, NULL) ${upsert} state = excluded.state`,
    ),
    range: db.prepare<[string, number, number], LogRow>(
      `SELECT ${columns} FROM device_log WHERE device = ? AND counter >= ? ORDER BY counter LIMIT ?`,
    ),
    first: db.prepare<[string], { counter: number | null }>(
      'SELECT min(counter) AS counter FROM device_log WHERE device = ?',
    ),
    discard: db.prepare<[string, number]>('DELETE FROM device_log WHERE device = ? AND counter < ?'),
    ofTransaction: db.prepare<[string, number, number, number], LogRow>(
      `SELECT ${columns} FROM device_log WHERE device = ? AND tx = ? AND counter >= ? ORDER BY counter LIMIT ?`,
    ),
  }
}

function logOf({ tx, client, time_ms, ...row }: LogRow): DeviceLog {
  return { ...row, transaction: tx ?? undefined, clientId: client ?? undefined, timeMs: time_ms }
}

function pendingText<State>({ log, unsigned, next }: DevicePending<State>): string {
  return JSON.stringify({ log, unsigned: Buffer.from(unsigned).toString('base64'), next })
}

/** This module wrote it, so its shape is known; JSON omits undefined members. */
function parsePending<State>(text: string): DevicePending<State> {
  const { log, unsigned, next } = JSON.parse(text) as {
    log: Omit<DeviceLog, 'message' | 'transaction' | 'clientId'> & { transaction?: number; clientId?: string }
    unsigned: string
    next: State
  }
  return {
    log: { ...log, transaction: log.transaction, clientId: log.clientId },
    unsigned: Buffer.from(unsigned, 'base64'),
    next,
  }
}
