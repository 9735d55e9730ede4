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
    const sql = 'SELECT agentId, tenantId, sinceMs, by FROM agent WHERE agentId > ? ORDER BY agentId LIMIT ?'
    return this.#turns.alone(() => this.#rows.all<OwnedAgent>(sql, after, limit))
  }

  move(agentId: string, tenantId: string, reason: string): Promise<string | undefined> {
    return this.#turns.write(() => {
      const former = this.#rows.ownerOf(agentId)
      if (former === undefined) return undefined
      const nowMs = this.#clock.now()
      const moved = "UPDATE agent SET tenantId = ?, by = 'moved' WHERE agentId = ?"
      this.#rows.run(moved, tenantId, agentId)
      this.#rows.run('INSERT INTO agent_moved VALUES (?, ?, ?, ?, ?)', agentId, nowMs, former, tenantId, reason)
      this.#rows.run('UPDATE token SET revoked = 1 WHERE agentId = ? AND tenantId <> ?', agentId, tenantId)
      return former
    })
  }

  refuse({ agentId, tenantId, chainId, seq, bytes }: Refusal): Promise<void> {
    const nowMs = this.#clock.now()
    const counting = `INSERT INTO refused_count VALUES (?, ?, 1, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + 1, lastAtMs = excluded.lastAtMs RETURNING n`
    return this.#turns.write(() => {
      const { n = 0 } = this.#rows.one<{ n: number }>(counting, agentId, tenantId, nowMs, nowMs) ?? {}
      if (n > REFUSED_KEPT) return
      const sql = "INSERT INTO refused VALUES (?, ?, ?, ?, 'wrong-tenant', ?, ?, ?)"
      const sha256 = digest('sha256', bytes, 'buffer')
      this.#rows.run(sql, agentId, tenantId, chainId, seq ?? null, sha256, bytes.subarray(0, REFUSED_BYTES), nowMs)
    })
  }

  async refusedCounts(): Promise<readonly RefusedCount[]> {
    const sql = `SELECT agentId, agent.tenantId AS ownerId, refused_count.tenantId, n AS count, firstAtMs, lastAtMs
      FROM refused_count LEFT JOIN agent USING (agentId) ORDER BY agentId, refused_count.tenantId`
    const rows = await this.#turns.alone(() => this.#rows.all<CountRow>(sql))
    return rows.map((row) => ({ ...row, ownerId: row.ownerId ?? undefined }))
  }

  async disputed(): Promise<readonly DisputedAgent[]> {
    const sql = `SELECT agentId, group_concat(DISTINCT tenantId) AS tenants FROM chain
      WHERE agentId NOT IN (SELECT agentId FROM agent_moved)
      GROUP BY agentId HAVING count(DISTINCT tenantId) > 1 ORDER BY agentId`
    const rows = await this.#turns.alone(() => this.#rows.all<{ agentId: string; tenants: string }>(sql))
    return rows.map(({ agentId, tenants }) => ({ agentId, tenantIds: tenants.split(',').sort() }))
  }
}
