import { hash as digest } from 'node:crypto'
import type { DisputedAgent, OwnedAgent, OwnerStore, Refusal, RefusedCount } from '../owner-store.ts'
import { REFUSED_BYTES, REFUSED_KEPT } from '../owner-store.ts'
import type { PostgresRun } from './blobs.ts'

type OwnerRow = { agent_id: string; tenant_id: string; since_ms: string; by: OwnedAgent['by'] }
type CountRow = {
  agent_id: string
  owner_id: string | null
  tenant_id: string
  n: string
  first_ms: string
  last_ms: string
}

/** Owners of agents in a table of the head office's database. */
export class PostgresOwners implements OwnerStore {
  readonly #db: PostgresRun

  constructor(db: PostgresRun) {
    this.#db = db
  }

  async tenantOf(agentId: string): Promise<string | undefined> {
    const sql = 'SELECT tenant_id FROM agent WHERE agent_id = $1'
    return (await this.#db.all<{ tenant_id: string }>(sql, agentId))[0]?.tenant_id
  }

  async list(limit: number, after?: string): Promise<readonly OwnedAgent[]> {
    const above = after === undefined ? 'TRUE' : 'agent_id > $2'
    const sql = `SELECT agent_id, tenant_id, extract(epoch FROM since) * 1000 AS since_ms, by FROM agent
      WHERE ${above} ORDER BY agent_id LIMIT $1`
    const rows = await this.#db.all<OwnerRow>(sql, limit, ...(after === undefined ? [] : [after]))
    return rows.map(({ agent_id: agentId, tenant_id: tenantId, since_ms, by }) => {
      return { agentId, tenantId, sinceMs: Math.round(Number(since_ms)), by }
    })
  }

  async move(agentId: string, tenantId: string, reason: string): Promise<string | undefined> {
    const sql = `WITH former AS (SELECT tenant_id FROM agent WHERE agent_id = $1 FOR UPDATE),
      moved AS (UPDATE agent SET tenant_id = $2, by = 'moved' WHERE agent_id = $1 AND EXISTS (SELECT FROM former)),
      noted AS (INSERT INTO agent_moved (agent_id, from_tenant, to_tenant, reason) SELECT $1, tenant_id, $2, $3 FROM former),
      ended AS (UPDATE token SET revoked = true
        WHERE agent_id = $1 AND tenant_id <> $2)
      SELECT tenant_id FROM former`
    return (await this.#db.all<{ tenant_id: string }>(sql, agentId, tenantId, reason))[0]?.tenant_id
  }

  async refuse({ agentId, tenantId, chainId, seq, bytes }: Refusal): Promise<void> {
    const sql = `WITH counted AS (
        INSERT INTO refused_count (agent_id, tenant_id, n) VALUES ($1, $2, 1)
        ON CONFLICT (agent_id, tenant_id) DO UPDATE SET n = refused_count.n + 1, last_at = now() RETURNING n)
      INSERT INTO refused (agent_id, tenant_id, chain_id, seq, code, sha256, bytes)
      SELECT $1, $2, $3, $4, 'wrong_tenant', $5, $6 FROM counted WHERE n <= ${REFUSED_KEPT}`
    const excerpt = Buffer.from(bytes.subarray(0, REFUSED_BYTES))
    await this.#db.run(sql, agentId, tenantId, chainId, seq ?? null, digest('sha256', bytes, 'buffer'), excerpt)
  }

  async refusedCounts(): Promise<readonly RefusedCount[]> {
    const sql = `SELECT c.agent_id, a.tenant_id AS owner_id, c.tenant_id, c.n, extract(epoch FROM c.first_at) * 1000 AS first_ms,
      extract(epoch FROM c.last_at) * 1000 AS last_ms
      FROM refused_count c LEFT JOIN agent a ON a.agent_id = c.agent_id ORDER BY c.agent_id, c.tenant_id`
    return (await this.#db.all<CountRow>(sql)).map((row) => ({
      agentId: row.agent_id,
      ownerId: row.owner_id ?? undefined,
      tenantId: row.tenant_id,
      count: Number(row.n),
      firstAtMs: Math.round(Number(row.first_ms)),
      lastAtMs: Math.round(Number(row.last_ms)),
    }))
  }

  async disputed(): Promise<readonly DisputedAgent[]> {
    const sql = `SELECT agent_id, array_agg(DISTINCT tenant_id::text ORDER BY tenant_id::text) AS tenants FROM chain
      WHERE agent_id NOT IN (SELECT agent_id FROM agent_moved)
      GROUP BY agent_id HAVING count(DISTINCT tenant_id) > 1 ORDER BY agent_id`
    const rows = await this.#db.all<{ agent_id: string; tenants: string[] }>(sql)
    return rows.map(({ agent_id: agentId, tenants }) => ({ agentId, tenantIds: tenants }))
  }
}
