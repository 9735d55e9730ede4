import { hash as digest } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { DisputedAgent, OwnedAgent, OwnerStore, Refusal, RefusedCount } from '../owner-store.ts'
import { REFUSED_BYTES, REFUSED_KEPT } from '../owner-store.ts'
import type { Access } from './blobs.ts'
import type { SqliteRows } from './rows.ts'

type CountRow = Omit<RefusedCount, 'ownerId'> & { ownerId: string | null }

/** Owners of agents in the embedded store's file. */
export class SqliteOwners implements OwnerStore {
  readonly #rows: SqliteRows
  readonly #turns: Access
  readonly #clock: Pick<Clock, 'now'>

  constructor(rows: SqliteRows, turns: Access, clock: Pick<Clock, 'now'>) {
    this.#rows = rows
    this.#turns = turns
    this.#clock = clock
  }

  tenantOf(agentId: string): Promise<string | undefined> {
    return this.#turns.alone(() => this.#rows.ownerOf(agentId))
  }

  list(limit: number, after = ''): Promise<readonly OwnedAgent[]> {
    const sql = 'SELECT agent_id, tenant_id, since_ms, by FROM agent WHERE agent_id > ? ORDER BY agent_id LIMIT ?'
    return this.#turns.alone(() => this.#rows.all<OwnedAgent>(sql, after, limit))
  }

  move(agentId: string, tenantId: string, reason: string): Promise<string | undefined> {
    return this.#turns.write(() => {
      const former = this.#rows.ownerOf(agentId)
      if (former === undefined) return undefined
      const nowMs = this.#clock.now()
      const moved = "UPDATE agent SET tenant_id = ?, by = 'moved' WHERE agent_id = ?"
      this.#rows.run(moved, tenantId, agentId)
      this.#rows.run('INSERT INTO agent_moved VALUES (?, ?, ?, ?, ?)', agentId, nowMs, former, tenantId, reason)
      this.#rows.run('UPDATE token SET revoked = 1 WHERE agent_id = ? AND tenant_id <> ?', agentId, tenantId)
      return former
    })
  }

  refuse({ agentId, tenantId, chainId, seq, bytes }: Refusal): Promise<void> {
    const nowMs = this.#clock.now()
    const counting = `INSERT INTO refused_count VALUES (?, ?, 1, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + 1, last_at_ms = excluded.last_at_ms RETURNING n`
    return this.#turns.write(() => {
      const { n = 0 } = this.#rows.one<{ n: number }>(counting, agentId, tenantId, nowMs, nowMs) ?? {}
      if (n > REFUSED_KEPT) return
      const sql = "INSERT INTO refused VALUES (?, ?, ?, ?, 'wrong_tenant', ?, ?, ?)"
      const sha256 = digest('sha256', bytes, 'buffer')
      this.#rows.run(sql, agentId, tenantId, chainId, seq ?? null, sha256, bytes.subarray(0, REFUSED_BYTES), nowMs)
    })
  }

  async refusedCounts(): Promise<readonly RefusedCount[]> {
    const sql = `SELECT agent_id, agent.tenant_id AS owner_id, refused_count.tenant_id, n AS count, first_at_ms, last_at_ms
      FROM refused_count LEFT JOIN agent USING (agent_id) ORDER BY agent_id, refused_count.tenant_id`
    const rows = await this.#turns.alone(() => this.#rows.all<CountRow>(sql))
    return rows.map((row) => ({ ...row, ownerId: row.ownerId ?? undefined }))
  }

  async disputed(): Promise<readonly DisputedAgent[]> {
    const sql = `SELECT agent_id, group_concat(DISTINCT tenant_id) AS tenants FROM chain
      WHERE agent_id NOT IN (SELECT agent_id FROM agent_moved)
      GROUP BY agent_id HAVING count(DISTINCT tenant_id) > 1 ORDER BY agent_id`
    const rows = await this.#turns.alone(() => this.#rows.all<{ agentId: string; tenants: string }>(sql))
    return rows.map(({ agentId, tenants }) => ({ agentId, tenantIds: tenants.split(',').sort() }))
  }
}
