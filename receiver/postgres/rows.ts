import type { PoolClient, QueryResultRow } from 'pg'
import type { ChainEvent, SignedHead } from '../../sync/protocol/chain-hash.ts'
import { ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import type { BlobReference } from '../blob-store.ts'
import type { Rows } from '../ledger.ts'
import type { OwnedAgent } from '../owner-store.ts'
import type { ChainState, Fork, Registration, StoredChain } from '../store.ts'
import { byteaArray, textArray } from './array.ts'

export const CHAIN_COLUMNS =
  'chain_id, tenant_id, agent_id, epoch, public_key, genesis, head_seq, head_hash, state, extract(epoch FROM heard_at) * 1000 AS heard_ms'

export type ChainRow = {
  chain_id: string
  tenant_id: string
  agent_id: string
  epoch: number
  public_key: Buffer
  genesis: string
  head_seq: string
  head_hash: Buffer
  state: ChainState
  heard_ms: string
}

type CheckpointRow = { seq: string; head: Buffer; kid: string; sig: Buffer }
type ForkRow = { seq: string; stored_hash: Buffer; received_hash: Buffer }
type Value = string | number | Uint8Array | null

/** One transaction on one connection; each statement is prepared once for each connection. */
export class PostgresRows implements Rows {
  readonly #client: PoolClient

  constructor(client: PoolClient) {
    this.#client = client
  }

  async lockChain(chainId: string): Promise<StoredChain | undefined> {
    const sql = `SELECT ${CHAIN_COLUMNS} FROM chain WHERE chain_id = $1 FOR UPDATE`
    const [row] = await this.#all<ChainRow>('lock-chain', sql, chainId)
    return row && storedChain(row)
  }

  async hashes(chainId: string, first: number, count: number): Promise<readonly Uint8Array[]> {
    const sql = 'SELECT hash FROM event WHERE chain_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3'
    const rows = await this.#all<{ hash: Buffer }>('hashes', sql, chainId, first, count)
    return rows.map(({ hash }) => hash)
  }

  insertEvents(chainId: string, events: readonly ChainEvent[]): Promise<number> {
    const sql = `INSERT INTO event (chain_id, seq, kind, op, at, boot, mono, body, hash)
      SELECT $1, $2::bigint + place - 1, kind, op, at, boot, mono, body, hash
      FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[])
        WITH ORDINALITY AS new (kind, op, at, boot, mono, body, hash, place)
      ON CONFLICT DO NOTHING`
    const text = (name: 'kind' | 'op' | 'at' | 'boot' | 'mono'): Buffer => textArray(events.map((event) => event[name]))
    const members = [text('kind'), text('op'), text('at'), text('boot'), text('mono')]
    const bodies = byteaArray(events.map(({ body }) => Buffer.from(body, 'utf8')))
    const hashes = byteaArray(events.map(({ hash }) => hash))
    return this.#run('insert-events', sql, chainId, events[0]?.seq ?? 0, ...members, bodies, hashes)
  }

  moveHead(chainId: string, fromSeq: number, toSeq: number, head: Uint8Array): Promise<number> {
    const sql = 'UPDATE chain SET head_seq = $3, head_hash = $4, heard_at = now() WHERE chain_id = $1 AND head_seq = $2'
    return this.#run('move-head', sql, chainId, fromSeq, toSeq, head)
  }

  async insertReferences(chainId: string, references: readonly { seq: number; blob: BlobReference }[]): Promise<void> {
    const sql = 'INSERT INTO blob_reference VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING'
    for (const { seq, blob } of references) {
      await this.#run(
        'insert-reference',
        sql,
        chainId,
        seq,
        Buffer.from(blob.sha256, 'hex'),
        blob.bytes,
        blob.mediaType,
      )
    }
  }

  async insertCheckpoint(chainId: string, { seq, head, checkpoint }: SignedHead): Promise<void> {
    const sql = 'INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING'
    await this.#run(
      'insert-checkpoint',
      sql,
      chainId,
      seq,
      head,
      checkpoint.kid,
      Buffer.from(checkpoint.sig, 'base64url'),
    )
  }

  async lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined> {
    const sql = 'SELECT seq, head, kid, sig FROM checkpoint WHERE chain_id = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1'
    const [row] = await this.#all<CheckpointRow>('last-checkpoint', sql, chainId, seq)
    if (row === undefined) return undefined
    const checkpoint = { alg: 'Ed25519', kid: row.kid, sig: row.sig.toString('base64url') } as const
    return { seq: Number(row.seq), head: row.head, checkpoint }
  }

  async heard(chainId: string): Promise<void> {
    await this.#run('heard', 'UPDATE chain SET heard_at = now() WHERE chain_id = $1', chainId)
  }

  async insertFork(chainId: string, fork: Omit<Fork, 'storedCheckpoint'>, received: Uint8Array): Promise<void> {
    const { seq, storedHash, receivedHash } = fork
    await this.#run('mark-fork', "UPDATE chain SET state = 'forked', heard_at = now() WHERE chain_id = $1", chainId)
    const sql =
      'INSERT INTO fork_evidence (chain_id, seq, stored_hash, received_hash, batch) VALUES ($1, $2, $3, $4, $5)'
    await this.#run('insert-fork', sql, chainId, seq, storedHash, receivedHash, received)
  }

  async firstFork(chainId: string): Promise<Omit<Fork, 'storedCheckpoint'> | undefined> {
    const sql =
      'SELECT seq, stored_hash, received_hash FROM fork_evidence WHERE chain_id = $1 ORDER BY received_at LIMIT 1'
    const [row] = await this.#all<ForkRow>('first-fork', sql, chainId)
    return row && { seq: Number(row.seq), storedHash: row.stored_hash, receivedHash: row.received_hash }
  }

  async lockAgent(agentId: string): Promise<number> {
    await this.#all('lock-agent', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', agentId)
    const sql = 'SELECT max(epoch) AS epoch FROM chain WHERE agent_id = $1'
    const [row] = await this.#all<{ epoch: number | null }>('epoch', sql, agentId)
    return row?.epoch ?? 0
  }

  async ownAgent(
    agentId: string,
    tenantId: string,
    chainId: string | undefined,
    by: OwnedAgent['by'],
  ): Promise<string> {
    const sql = 'INSERT INTO agent (agent_id, tenant_id, chain_id, by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING'
    await this.#run('own-agent', sql, agentId, tenantId, chainId ?? null, by)
    const owner = 'SELECT tenant_id FROM agent WHERE agent_id = $1'
    return (await this.#all<{ tenant_id: string }>('owner', owner, agentId))[0]?.tenant_id ?? tenantId
  }

  async fence(agentId: string): Promise<void> {
    await this.#run('fence', "UPDATE chain SET state = 'fenced' WHERE agent_id = $1 AND state = 'open'", agentId)
  }

  async insertChain({ chainId, tenantId, agentId, epoch, publicKey, genesis }: Registration): Promise<void> {
    const sql = `INSERT INTO chain (chain_id, tenant_id, agent_id, epoch, public_key, genesis, head_hash)
      VALUES ($1, $2, $3, $4, $5, $6, $7)`
    await this.#run('insert-chain', sql, chainId, tenantId, agentId, epoch, publicKey, genesis, ZERO_HASH)
  }

  async #all<T extends QueryResultRow>(name: string, text: string, ...values: Value[]): Promise<T[]> {
    return (await this.#client.query<T>({ name, text, values: values.map(bound) })).rows
  }

  async #run(name: string, text: string, ...values: Value[]): Promise<number> {
    return (await this.#client.query({ name, text, values: values.map(bound) })).rowCount ?? 0
  }
}

/** pg sends only a Buffer unchanged. */
function bound(value: Value): string | number | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value
}

export function storedChain(row: ChainRow): StoredChain {
  return {
    chainId: row.chain_id,
    tenantId: row.tenant_id,
    agentId: row.agent_id,
    epoch: row.epoch,
    publicKey: row.public_key,
    genesis: row.genesis,
    state: row.state,
    headSeq: Number(row.head_seq),
    head: row.head_hash,
    heardAtMs: Math.round(Number(row.heard_ms)),
  }
}
