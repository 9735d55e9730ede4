import Database from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import { sqliteFault } from '../../base/sqlite-version.ts'
import { asError, CodedError } from '../../base/thrown.ts'
import type { ChainEvent, SignedHead } from '../../sync/protocol/chain-hash.ts'
import type { Batch } from '../../sync/protocol/envelope.ts'
import type { Rows } from '../ledger.ts'
import { appendTo, checkpointIn, registerIn } from '../ledger.ts'
import { demandOwner } from '../owner-store.ts'
import type {
  Appended,
  Bearer,
  ForkEvidence,
  Identity,
  IssuedToken,
  Registered,
  Registration,
  Store,
  StoredChain,
} from '../store.ts'
import { EVENTS_BYTES, StoreBusyError } from '../store.ts'
import type { Access } from './blobs.ts'
import { SqliteBlobs } from './blobs.ts'
import { SqliteOwners } from './owners.ts'
import { prepareSqlite, SqliteRows } from './rows.ts'

/**
 * The embedded store of one receiver: one file, each batch a synced transaction. `onFatal` is called once when a commit
 * failed: the store then accepts nothing more, and the process must exit and start again. Throws `store_unsafe`,
 * SqliteError.
 */
export function openSqliteStore(
  file: string,
  clock: Pick<Clock, 'now'>,
  onFatal: (error: Error) => void = () => undefined,
): Store {
  const db = new Database(file, { timeout: LOCK_MS })
  try {
    demandSafe(db)
    beginLog(db)
    // WAL alone would answer before the batch is durable.
    db.pragma('synchronous = FULL')
    db.pragma('cache_size = -8000')
    prepareSqlite(db)
  } catch (error) {
    db.close()
    throw error
  }
  return new SqliteStore(db, new SqliteRows(db, clock), clock, onFatal)
}

/** Wait for another process that writes, a command of the receiver; requests wait too. */
const LOCK_MS = 2_000
/** Another process makes a new file within some milliseconds. */
const LOOK_MS = 20
const USE_NOTED_MS = 3_600_000
/** Refused before anything was written. */
const TAKES_NOTHING = /^SQLITE_(FULL|READONLY)/

/** Commands of the receiver write the same file as the receiver. */
function demandSafe(db: Database.Database): void {
  const fault = sqliteFault(db)
  if (fault !== undefined) throw new CodedError('store_unsafe', `The store cannot be made power-safe: ${fault}.`)
}

/** SQLite does not wait here: of two processes that make the file at the same moment it refuses one, or both. */
function beginLog(db: Database.Database): void {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || waitedMs >= LOCK_MS) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS)
    }
  }
}

type TokenRow = {
  id: string
  kind: Identity['kind']
  tenantId: string
  agentId: string | null
  revoked: number
  usedAtMs: number | null
}

function identityOf({ kind, tenantId, agentId }: TokenRow): Identity {
  return kind === 'agent' ? { kind, tenantId, agentId: agentId ?? '' } : { kind, tenantId }
}

class SqliteStore implements Store {
  readonly blobs: SqliteBlobs
  readonly owners: SqliteOwners
  readonly #db: Database.Database
  readonly #rows: SqliteRows
  readonly #clock: Pick<Clock, 'now'>
  readonly #onFatal: (error: Error) => void
  readonly #mutex = new Mutex()

  constructor(db: Database.Database, rows: SqliteRows, clock: Pick<Clock, 'now'>, onFatal: (error: Error) => void) {
    this.#onFatal = onFatal
    this.#db = db
    this.#rows = rows
    this.#clock = clock
    const access: Access = {
      alone: (work) => this.#alone(work),
      write: (work) => this.#transaction(async () => work()),
    }
    this.blobs = new SqliteBlobs(rows, access, clock)
    this.owners = new SqliteOwners(rows, access, clock)
  }

  async identify(tokenHash: Uint8Array): Promise<Bearer | undefined> {
    return this.#alone(() => {
      const sql = `SELECT token.*, agent.tenant_id AS owner_id FROM token LEFT JOIN agent USING (agent_id)
        WHERE hash = ? AND revoked = 0`
      const row = this.#rows.one<TokenRow & { ownerId: string | null }>(sql, tokenHash)
      const nowMs = this.#clock.now()
      if (row !== undefined && nowMs - (row.usedAtMs ?? 0) > USE_NOTED_MS) this.#noteUse(row.id, nowMs)
      return row && { identity: identityOf(row), ownerId: row.ownerId ?? undefined }
    })
  }

  /** Its failure refuses nothing: a lost machine can still be restored from a full disk. */
  #noteUse(id: string, nowMs: number): void {
    try {
      this.#rows.run('UPDATE token SET used_at_ms = ? WHERE id = ?', nowMs, id)
    } catch (error) {
      if (!(error instanceof Database.SqliteError && TAKES_NOTHING.test(error.code))) throw error
    }
  }

  async addToken(id: string, tokenHash: Uint8Array, identity: Identity): Promise<void> {
    const agentId = identity.kind === 'agent' ? identity.agentId : null
    const sql = 'INSERT INTO token (id, hash, kind, tenant_id, agent_id) VALUES (?, ?, ?, ?, ?)'
    const add = this.#db.transaction(() => {
      if (agentId !== null)
        demandOwner(this.#rows.own(agentId, identity.tenantId, undefined, 'token'), agentId, identity.tenantId)
      this.#rows.run(sql, id, tokenHash, identity.kind, identity.tenantId, agentId)
    })
    await this.#alone(() => add.immediate())
  }

  async revokeToken(id: string): Promise<boolean> {
    return this.#alone(() => this.#rows.run('UPDATE token SET revoked = 1 WHERE id = ?', id) === 1)
  }

  async tokens(limit: number): Promise<readonly IssuedToken[]> {
    const rows = await this.#alone(() =>
      this.#rows.all<TokenRow>('SELECT * FROM token ORDER BY rowid DESC LIMIT ?', limit),
    )
    return rows.map((row) => ({
      id: row.id,
      identity: identityOf(row),
      revoked: row.revoked === 1,
      usedAtMs: row.usedAtMs ?? undefined,
    }))
  }

  register(registration: Registration): Promise<Registered> {
    return this.#transaction((rows) => registerIn(rows, registration))
  }

  async chain(chainId: string): Promise<StoredChain | undefined> {
    return this.#alone(() => this.#rows.lockChain(chainId))
  }

  append(batch: Batch, raw: Uint8Array): Promise<Appended> {
    return this.#transaction((rows) => appendTo(rows, batch, raw))
  }

  checkpoint(chainId: string, signed: SignedHead): Promise<Appended> {
    return this.#transaction((rows) => checkpointIn(rows, chainId, signed))
  }

  async reopen(chainId: string): Promise<boolean> {
    return this.#alone(
      () => this.#rows.run("UPDATE chain SET state = 'open' WHERE chain_id = ? AND state = 'fenced'", chainId) === 1,
    )
  }

  async chains(tenantId: string, limit: number, before = '~'): Promise<readonly StoredChain[]> {
    const sql = `SELECT chain.*, head_hash AS head FROM chain JOIN agent USING (agent_id)
      WHERE agent.tenant_id = ? AND chain.chain_id < ? ORDER BY chain.chain_id DESC LIMIT ?`
    return this.#alone(() => this.#rows.all<StoredChain>(sql, tenantId, before, limit))
  }

  async chainsOf(agentId: string, limit: number): Promise<readonly StoredChain[]> {
    const sql = 'SELECT *, head_hash AS head FROM chain WHERE agent_id = ? ORDER BY epoch DESC LIMIT ?'
    return this.#alone(() => this.#rows.all<StoredChain>(sql, agentId, limit))
  }

  async allChains(limit: number, before = '~'): Promise<readonly StoredChain[]> {
    const sql = 'SELECT *, head_hash AS head FROM chain WHERE chain_id < ? ORDER BY chain_id DESC LIMIT ?'
    return this.#alone(() => this.#rows.all<StoredChain>(sql, before, limit))
  }

  async events(chainId: string, after: number, limit: number): Promise<readonly ChainEvent[]> {
    const sql = 'SELECT * FROM event WHERE chain_id = ? AND seq > ? ORDER BY seq LIMIT ?'
    return this.#alone(() => {
      const events: ChainEvent[] = []
      let bytes = 0
      for (const event of this.#rows.each<ChainEvent>(sql, chainId, after, limit)) {
        bytes += Buffer.byteLength(event.body)
        if (bytes > EVENTS_BYTES && events.length > 0) break
        events.push(event)
      }
      return events
    })
  }

  lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined> {
    return this.#alone(() => this.#rows.lastCheckpoint(chainId, seq))
  }

  async forks(tenantId: string, limit: number): Promise<readonly ForkEvidence[]> {
    const sql = `SELECT fork_evidence.* FROM fork_evidence JOIN chain USING (chain_id) JOIN agent USING (agent_id) WHERE agent.tenant_id = ?
      ORDER BY received_at_ms DESC LIMIT ?`
    return this.#alone(() => this.#rows.all<ForkEvidence>(sql, tenantId, limit))
  }

  async close(): Promise<void> {
    await this.#mutex.run(() => this.#db.close())
  }

  #transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      this.#db.exec('BEGIN IMMEDIATE')
      let result: T
      try {
        result = await work(this.#rows)
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
        throw error
      }
      try {
        this.#db.exec('COMMIT')
      } catch (error) {
        // It is unknown whether the event is on disk until the file is opened again. A later success here would prove
        // nothing.
        this.#db.close()
        this.#onFatal(asError(error))
        throw new StoreBusyError('the store is closed')
      }
      return result
    })
  }

  /** One after another: there is one connection, and a transaction takes several turns. */
  #alone<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#mutex.run(() => {
      if (!this.#db.open) throw new StoreBusyError('the store is closed')
      return work()
    })
    return result.catch(busy)
  }
}

/** Another process writes: the sender retries. */
function busy(error: unknown): never {
  if (isBusy(error)) throw new StoreBusyError('Another process writes to the file.')
  throw error
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
