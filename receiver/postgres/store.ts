import pg from 'pg'
import { asError, messageOf } from '../../base/thrown.ts'
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
import type { PostgresRun } from './blobs.ts'
import { PostgresBlobs } from './blobs.ts'
import { clientSettings } from './client-settings.ts'
import { PostgresOwners } from './owners.ts'
import type { ChainRow } from './rows.ts'
import { CHAIN_COLUMNS, PostgresRows, storedChain } from './rows.ts'
import { CONNECTING, CONNECTION_SETTINGS, saysNothing } from './settings.ts'

/**
 * Errors that pass without help, or on another connection: a lock that was not granted, a statement cancelled by its
 * timeout, an idle transaction; a standby, from which a new connection may lead to the primary; a pooler that gave the
 * connection another server, without its prepared statements.
 */
const PASSING = new Set(['55P03', '57014', '25P03', '25006', '26000', '42P05'])
/** No right, no table, column or schema: tables that were restored from a dump, or an update that was not prepared. */
const UNPREPARED = /^(42501|42P01|42703|3F000)$/
/** Longer than a statement may take: a server that has not answered by then will not answer on that connection. */
const ANSWER_MS = 25_000
/** Ends it on the server: a receiver that was killed would hold the lock on a shop's chain for hours. */
function gone(ms: number): string {
  return `-c idle_in_transaction_session_timeout=${ms}`
}

export type PostgresStoreOptions = {
  /** Connection string of the application's role; a function is called before each connection is made. */
  readonly connection: string | (() => string)
  readonly maxConnections?: number
  /** Time to wait for an answer before its connection is closed; default 25 s. */
  readonly answerMs?: number
  /** A connection of the pool was lost; the next use makes another. */
  readonly onError: (error: Error) => void
}

/** The store of a head office; several receivers may share it. The tables are those of `preparePostgres`. */
export function openPostgresStore({
  connection,
  maxConnections,
  answerMs = ANSWER_MS,
  onError,
}: PostgresStoreOptions): Store {
  const present = typeof connection === 'string' ? () => connection : connection
  const pool = new pg.Pool({
    Client: clientTo(present),
    max: maxConnections ?? 8,
    options: `${CONNECTION_SETTINGS} ${gone(answerMs)}`,
    ...CONNECTING,
    query_timeout: answerMs,
    application_name: 'fiskal-receiver',
  })
  pool.on('error', onError)
  return new PostgresStore(pool)
}

function clientTo(connection: () => string): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super({ ...(typeof config === 'object' ? config : {}), ...clientSettings(connection()) })
      // The pool listens only to idle connections: one that breaks between two statements, or in the moment in which it
      // is handed out, would end the process. The next query on it reports the error.
      this.on('error', () => undefined)
    }
  }
}

/** A chain of an agent that belongs to that tenant now, under any former tenant. */
const OF_TENANT = 'agent_id IN (SELECT agent_id FROM agent WHERE tenant_id = $1)'
const TOKEN_COLUMNS = 'id, kind, tenant_id, agent_id, revoked, extract(epoch FROM used_at) * 1000 AS used_ms'

type TokenRow = {
  id: string
  kind: Identity['kind']
  tenant_id: string
  agent_id: string | null
  revoked: boolean
  used_ms: string | null
}

function identityOf({ kind, tenant_id: tenantId, agent_id: agentId }: TokenRow): Identity {
  return kind === 'agent' ? { kind, tenantId, agentId: agentId ?? '' } : { kind, tenantId }
}

class PostgresStore implements Store {
  readonly blobs: PostgresBlobs
  readonly owners: PostgresOwners
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
    const all: PostgresRun['all'] = (sql, ...values) => this.#all(sql, ...values)
    const run: PostgresRun['run'] = (sql, ...values) => this.#run(sql, ...values)
    this.blobs = new PostgresBlobs({ all, run })
    this.owners = new PostgresOwners({ all, run })
  }

  async identify(tokenHash: Uint8Array): Promise<Bearer | undefined> {
    const sql = `SELECT ${TOKEN_COLUMNS}, coalesce(used_at < now() - interval '1 hour', true) AS stale,
      (SELECT tenant_id FROM agent WHERE agent.agent_id = token.agent_id) AS owner_id
      FROM token WHERE hash = $1 AND NOT revoked`
    const [row] = await this.#all<TokenRow & { stale: boolean; owner_id: string | null }>(sql, Buffer.from(tokenHash))
    if (row?.stale === true) await this.#noteUse(row.id)
    return row && { identity: identityOf(row), ownerId: row.owner_id ?? undefined }
  }

  /** Its failure refuses nothing: a lost machine can still be restored from a full database. */
  async #noteUse(id: string): Promise<void> {
    await this.#run('UPDATE token SET used_at = now() WHERE id = $1', id).catch(() => undefined)
  }

  async addToken(id: string, tokenHash: Uint8Array, identity: Identity): Promise<void> {
    const agentId = identity.kind === 'agent' ? identity.agentId : null
    if (agentId !== null) await this.#announce(agentId, identity.tenantId)
    const sql = 'INSERT INTO token (id, hash, kind, tenant_id, agent_id) VALUES ($1, $2, $3, $4, $5)'
    await this.#run(sql, id, Buffer.from(tokenHash), identity.kind, identity.tenantId, agentId)
  }

  /** Durable before the token is: without it the agent would belong to that tenant as well. */
  async #announce(agentId: string, tenantId: string): Promise<void> {
    const ownerId = await this.#transaction((rows) => rows.ownAgent(agentId, tenantId, undefined, 'token'))
    demandOwner(ownerId, agentId, tenantId)
  }

  async revokeToken(id: string): Promise<boolean> {
    const sql = `UPDATE token SET revoked = true
      WHERE id = $1`
    return (await this.#run(sql, id)) === 1
  }

  async tokens(limit: number): Promise<readonly IssuedToken[]> {
    const sql = `SELECT ${TOKEN_COLUMNS} FROM token ORDER BY created_at DESC, id LIMIT $1`
    return (await this.#all<TokenRow>(sql, limit)).map((row) => ({
      id: row.id,
      identity: identityOf(row),
      revoked: row.revoked,
      usedAtMs: row.used_ms === null ? undefined : Math.round(Number(row.used_ms)),
    }))
  }

  register(registration: Registration): Promise<Registered> {
    return this.#transaction((rows) => registerIn(rows, registration))
  }

  async chain(chainId: string): Promise<StoredChain | undefined> {
    const [row] = await this.#all<ChainRow>(`SELECT ${CHAIN_COLUMNS} FROM chain WHERE chain_id = $1`, chainId)
    return row && storedChain(row)
  }

  append(batch: Batch, raw: Uint8Array): Promise<Appended> {
    return this.#transaction((rows) => appendTo(rows, batch, raw))
  }

  checkpoint(chainId: string, signed: SignedHead): Promise<Appended> {
    return this.#transaction((rows) => checkpointIn(rows, chainId, signed))
  }

  async reopen(chainId: string): Promise<boolean> {
    return (await this.#run("UPDATE chain SET state = 'open' WHERE chain_id = $1 AND state = 'fenced'", chainId)) === 1
  }

  async chains(tenantId: string, limit: number, before?: string): Promise<readonly StoredChain[]> {
    const below = before === undefined ? '' : 'AND chain_id < $3'
    const sql = `SELECT ${CHAIN_COLUMNS} FROM chain WHERE ${OF_TENANT} ${below} ORDER BY chain_id DESC LIMIT $2`
    return (await this.#all<ChainRow>(sql, tenantId, limit, ...(before === undefined ? [] : [before]))).map(storedChain)
  }

  async chainsOf(agentId: string, limit: number): Promise<readonly StoredChain[]> {
    const sql = `SELECT ${CHAIN_COLUMNS} FROM chain WHERE agent_id = $1 ORDER BY epoch DESC LIMIT $2`
    return (await this.#all<ChainRow>(sql, agentId, limit)).map(storedChain)
  }

  async allChains(limit: number, before?: string): Promise<readonly StoredChain[]> {
    const below = before === undefined ? 'TRUE' : 'chain_id < $2'
    const sql = `SELECT ${CHAIN_COLUMNS} FROM chain WHERE ${below} ORDER BY chain_id DESC LIMIT $1`
    return (await this.#all<ChainRow>(sql, limit, ...(before === undefined ? [] : [before]))).map(storedChain)
  }

  async events(chainId: string, after: number, limit: number): Promise<readonly ChainEvent[]> {
    const sql = `SELECT seq, kind, op, at, boot, mono, body, hash FROM (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS place FROM (
          SELECT * FROM event WHERE chain_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS next) AS counted
      WHERE bytes <= ${EVENTS_BYTES} OR place = 1 ORDER BY seq`
    type Row = Omit<ChainEvent, 'seq' | 'body'> & { seq: string; body: Buffer }
    return (await this.#all<Row>(sql, chainId, after, limit)).map((row) => ({
      ...row,
      seq: Number(row.seq),
      body: row.body.toString('utf8'),
    }))
  }

  lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined> {
    return this.#transaction((rows) => rows.lastCheckpoint(chainId, seq))
  }

  async forks(tenantId: string, limit: number): Promise<readonly ForkEvidence[]> {
    const sql = `SELECT chain_id, seq, stored_hash, received_hash, extract(epoch FROM received_at) * 1000 AS at_ms
      FROM fork_evidence JOIN chain USING (chain_id) WHERE ${OF_TENANT} ORDER BY received_at DESC LIMIT $2`
    type Row = { chain_id: string; seq: string; stored_hash: Buffer; received_hash: Buffer; at_ms: string }
    return (await this.#all<Row>(sql, tenantId, limit)).map((row) => ({
      chainId: row.chain_id,
      seq: Number(row.seq),
      storedHash: row.stored_hash,
      receivedHash: row.received_hash,
      receivedAtMs: Math.round(Number(row.at_ms)),
    }))
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #all<T extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<T[]> {
    return (await this.#connected((client) => client.query<T>(sql, values))).rows
  }

  async #run(sql: string, ...values: unknown[]): Promise<number> {
    return (await this.#connected((client) => client.query(sql, values))).rowCount ?? 0
  }

  #transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#connected(async (client) => {
      await client.query('BEGIN')
      const result = await work(new PostgresRows(client))
      await client.query('COMMIT')
      return result
    })
  }

  /** Throws StoreBusyError for faults that pass without help: the sender retries. */
  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch(refuse)
    let failed: Error | undefined
    try {
      return await work(client)
    } catch (error) {
      failed = asError(error)
      return isPassing(failed) ? refuse(failed) : Promise.reject(failed)
    } finally {
      // A connection with a failure is closed, whatever it was: the server ends its transaction.
      client.release(failed)
    }
  }
}

function isPassing(error: Error): boolean {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') return saysNothing(error)
  return PASSING.has(code) || UNPREPARED.test(code) || /^(08|53|57P|40)|^E[A-Z]+$/.test(code)
}

/** Also for faults that prevent a connection: a person who fixes one need not restart the receiver. */
function refuse(error: Error): never {
  const cause = String((error as { code?: unknown }).code ?? error.message)
  // If several addresses refuse, pg has the reason in the code alone.
  const words = messageOf(error)
  const said = words === '' ? cause : `PostgreSQL: ${words} (${cause})`
  const remedy = UNPREPARED.test(cause) ? '; run "fiskal-edge receiver prepare"' : ''
  throw new StoreBusyError(`${said}${remedy}`, { cause })
}
