import { MANIFEST_TYPE } from '../../sync/protocol/blob-manifest.ts'
import type { BlobOwner, BlobReference, BlobStore, PlacedReference } from '../blob-store.ts'

type Row = Record<string, unknown>
/** Rows of a statement; rows that it changed. */
export type PostgresRun = {
  all<T extends Row>(sql: string, ...values: unknown[]): Promise<T[]>
  run(sql: string, ...values: unknown[]): Promise<number>
}

type NamedRow = { sha256: string; bytes: string; type: string }

function referenceOf({ sha256, bytes, type }: NamedRow): BlobReference {
  return { sha256, bytes: Number(bytes), mediaType: type }
}

/** Blobs in a table of the head office's database. */
export class PostgresBlobs implements BlobStore {
  readonly #db: PostgresRun

  constructor(db: PostgresRun) {
    this.#db = db
  }

  async put({ tenantId, agentId }: BlobOwner, sha256: string, bytes: Uint8Array): Promise<'created' | 'equal'> {
    const sql = `INSERT INTO agent_blob (agent_id, sha256, tenant_id, size, bytes) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT DO NOTHING`
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const values = [agentId, Buffer.from(sha256, 'hex'), tenantId, bytes.length, content]
    return (await this.#db.run(sql, ...values)) === 1 ? 'created' : 'equal'
  }

  async size(agentId: string, sha256: string): Promise<number | undefined> {
    const sql = 'SELECT size FROM agent_blob WHERE agent_id = $1 AND sha256 = $2'
    return (await this.#db.all<{ size: number }>(sql, agentId, Buffer.from(sha256, 'hex')))[0]?.size
  }

  async receivedAtMs(agentId: string, sha256: string): Promise<number | undefined> {
    const sql =
      'SELECT extract(epoch FROM received_at) * 1000 AS ms FROM agent_blob WHERE agent_id = $1 AND sha256 = $2'
    const [row] = await this.#db.all<{ ms: string }>(sql, agentId, Buffer.from(sha256, 'hex'))
    return row && Math.round(Number(row.ms))
  }

  async read(agentId: string, sha256: string): Promise<Uint8Array | undefined> {
    const sql = 'SELECT bytes FROM agent_blob WHERE agent_id = $1 AND sha256 = $2'
    return (await this.#db.all<{ bytes: Buffer }>(sql, agentId, Buffer.from(sha256, 'hex')))[0]?.bytes
  }

  async absent(agentId: string, sha256s: readonly string[]): Promise<readonly string[]> {
    const sql = `SELECT hex FROM unnest($2::text[]) AS hex WHERE NOT EXISTS (
      SELECT 1 FROM agent_blob WHERE agent_id = $1 AND sha256 = decode(hex, 'hex'))`
    return (await this.#db.all<{ hex: string }>(sql, agentId, sha256s)).map(({ hex }) => hex)
  }

  async listed(agentId: string, after: string, limit: number): Promise<readonly string[]> {
    const sql = `SELECT encode(sha256, 'hex') AS hex FROM agent_blob
      WHERE agent_id = $1 AND sha256 > $2 ORDER BY sha256 LIMIT $3`
    const rows = await this.#db.all<{ hex: string }>(sql, agentId, Buffer.from(after, 'hex'), limit)
    return rows.map(({ hex }) => hex)
  }

  async used(agentId: string): Promise<number> {
    const sql = 'SELECT coalesce(sum(size), 0) AS bytes FROM agent_blob WHERE agent_id = $1'
    return Number((await this.#db.all<{ bytes: string }>(sql, agentId))[0]?.bytes ?? 0)
  }

  remove(agentId: string, sha256s: readonly string[]): Promise<number> {
    const sql = `DELETE FROM agent_blob WHERE agent_id = $1
      AND sha256 = ANY (SELECT decode(hex, 'hex') FROM unnest($2::text[]) AS hex)`
    return this.#db.run(sql, agentId, sha256s)
  }

  async missing(chainId: string, limit: number): Promise<readonly BlobReference[]> {
    const sql = `SELECT encode(named.sha256, 'hex') AS sha256, max(bytes) AS bytes, max(media_type) AS type
      FROM blob_reference AS named JOIN chain USING (chain_id) WHERE chain_id = $1 AND NOT EXISTS (
        SELECT 1 FROM agent_blob AS held WHERE held.agent_id = chain.agent_id AND held.sha256 = named.sha256)
      AND (media_type <> '${MANIFEST_TYPE}' OR seq = (
        SELECT max(seq) FROM blob_reference AS newer
        WHERE newer.chain_id = named.chain_id AND newer.media_type = named.media_type))
      GROUP BY named.sha256 ORDER BY min(seq) LIMIT $2`
    return (await this.#db.all<NamedRow>(sql, chainId, limit)).map(referenceOf)
  }

  async named(agentId: string, mediaType: string, limit: number): Promise<readonly PlacedReference[]> {
    const sql = `SELECT encode(sha256, 'hex') AS sha256, bytes, media_type AS type, chain_id AS chain, epoch, seq
      FROM blob_reference JOIN chain USING (chain_id)
      WHERE agent_id = $1 AND media_type = $2 ORDER BY epoch DESC, seq DESC LIMIT $3`
    type Placed = NamedRow & { chain: string; epoch: number; seq: string }
    return (await this.#db.all<Placed>(sql, agentId, mediaType, limit)).map((row) => {
      return { ...referenceOf(row), chainId: row.chain, epoch: row.epoch, seq: Number(row.seq) }
    })
  }

  async agents(): Promise<readonly string[]> {
    const sql = 'SELECT DISTINCT agent_id FROM agent_blob ORDER BY agent_id'
    return (await this.#db.all<{ agent_id: string }>(sql)).map(({ agent_id: agentId }) => agentId)
  }
}
