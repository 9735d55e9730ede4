import type { Clock } from '../../base/clock.ts'
import { MANIFEST_TYPE } from '../../sync/protocol/blob-manifest.ts'
import type { BlobOwner, BlobReference, BlobStore, PlacedReference } from '../blob-store.ts'
import type { SqliteRows } from './rows.ts'

type Exclusive = <T>(work: () => T | Promise<T>) => Promise<T>

/** A turn on the connection, which other work shares; `write` is a transaction, and a failed commit ends the store. */
export type Access = { readonly alone: Exclusive; readonly write: Exclusive }

/** Blobs in the file of the store, one row each. */
export class SqliteBlobs implements BlobStore {
  readonly #rows: SqliteRows
  readonly #alone: Exclusive
  readonly #write: Exclusive
  readonly #clock: Pick<Clock, 'now'>

  constructor(rows: SqliteRows, { alone, write }: Access, clock: Pick<Clock, 'now'>) {
    this.#rows = rows
    this.#alone = alone
    this.#write = write
    this.#clock = clock
  }

  put({ tenantId, agentId }: BlobOwner, sha256: string, bytes: Uint8Array): Promise<'created' | 'equal'> {
    const sql = 'INSERT INTO agent_blob VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    const values = [agentId, sha256, tenantId, bytes.length, this.#clock.now(), bytes]
    return this.#write(() => (this.#rows.run(sql, ...values) === 1 ? 'created' : 'equal'))
  }

  size(agentId: string, sha256: string): Promise<number | undefined> {
    const sql = 'SELECT size FROM agent_blob WHERE agent_id = ? AND sha256 = ?'
    return this.#alone(() => this.#rows.one<{ size: number }>(sql, agentId, sha256)?.size)
  }

  receivedAtMs(agentId: string, sha256: string): Promise<number | undefined> {
    const sql = 'SELECT received_at_ms AS at FROM agent_blob WHERE agent_id = ? AND sha256 = ?'
    return this.#alone(() => this.#rows.one<{ at: number }>(sql, agentId, sha256)?.at)
  }

  read(agentId: string, sha256: string): Promise<Uint8Array | undefined> {
    const sql = 'SELECT bytes FROM agent_blob WHERE agent_id = ? AND sha256 = ?'
    return this.#alone(() => this.#rows.one<{ bytes: Buffer }>(sql, agentId, sha256)?.bytes)
  }

  absent(agentId: string, sha256s: readonly string[]): Promise<readonly string[]> {
    const sql = `SELECT value FROM json_each(?) WHERE NOT EXISTS (
      SELECT 1 FROM agent_blob WHERE agent_id = ? AND sha256 = value)`
    return this.#alone(() =>
      this.#rows.all<{ value: string }>(sql, JSON.stringify(sha256s), agentId).map(({ value }) => value),
    )
  }

  listed(agentId: string, after: string, limit: number): Promise<readonly string[]> {
    const sql = 'SELECT sha256 FROM agent_blob WHERE agent_id = ? AND sha256 > ? ORDER BY sha256 LIMIT ?'
    return this.#alone(() => this.#rows.all<{ sha256: string }>(sql, agentId, after, limit).map(({ sha256 }) => sha256))
  }

  used(agentId: string): Promise<number> {
    const sql = 'SELECT coalesce(sum(size), 0) AS bytes FROM agent_blob WHERE agent_id = ?'
    return this.#alone(() => this.#rows.one<{ bytes: number }>(sql, agentId)?.bytes ?? 0)
  }

  remove(agentId: string, sha256s: readonly string[]): Promise<number> {
    const sql = 'DELETE FROM agent_blob WHERE agent_id = ? AND sha256 IN (SELECT value FROM json_each(?))'
    return this.#write(() => this.#rows.run(sql, agentId, JSON.stringify(sha256s)))
  }

  missing(chainId: string, limit: number): Promise<readonly BlobReference[]> {
    const sql = `SELECT sha256, bytes, media_type FROM blob_reference AS named JOIN chain USING (chain_id)
      WHERE chain_id = ? AND NOT EXISTS (
        SELECT 1 FROM agent_blob AS held WHERE held.agent_id = chain.agent_id AND held.sha256 = named.sha256)
      AND (media_type <> '${MANIFEST_TYPE}' OR seq = (
        SELECT max(seq) FROM blob_reference AS newer WHERE newer.chain_id = named.chain_id AND newer.media_type = named.media_type))
      GROUP BY sha256 ORDER BY min(seq) LIMIT ?`
    return this.#alone(() => this.#rows.all<BlobReference>(sql, chainId, limit))
  }

  named(agentId: string, mediaType: string, limit: number): Promise<readonly PlacedReference[]> {
    const sql = `SELECT sha256, bytes, media_type, chain_id, epoch, seq FROM blob_reference JOIN chain USING (chain_id)
      WHERE agent_id = ? AND media_type = ? ORDER BY epoch DESC, seq DESC LIMIT ?`
    return this.#alone(() => this.#rows.all<PlacedReference>(sql, agentId, mediaType, limit))
  }

  agents(): Promise<readonly string[]> {
    const sql = 'SELECT DISTINCT agent_id FROM agent_blob ORDER BY agent_id'
    return this.#alone(() => this.#rows.all<{ agentId: string }>(sql).map(({ agentId }) => agentId))
  }
}
