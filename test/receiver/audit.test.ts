// @module-tag heavy
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChainAudit } from '../../receiver/audit.ts'
import { auditChains } from '../../receiver/audit.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { batchText, Wire } from '../sync/wire.ts'
import type { StoreRig } from './store-rig.ts'
import { openRigOn, STORES } from './store-rig.ts'

describe.each(STORES)('audit of a receiver on %s', (kind) => {
  let rig: StoreRig
  beforeAll(async () => {
    rig = await openRigOn(kind)
  })
  afterAll(() => rig.close())

  /** A registered chain of 600 events, and a sender with its token. */
  async function shop(): Promise<{ journal: MemoryJournal; wire: Wire; chainId: string }> {
    const journal = MemoryJournal.of(600)
    const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
    await wire.register(journal)
    return { journal, wire, chainId: journal.chain.chainId }
  }

  async function audited(chainId: string): Promise<ChainAudit> {
    for await (const chain of auditChains(rig.store)) if (chain.chainId === chainId) return chain
    throw new Error(`chain ${chainId} is not there`)
  }

  test('an audit computes every stored hash again and names the first event that was changed', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.zipped(chainId, batchText(journal, 1, 600))
    expect(await audited(chainId)).toEqual({ chainId, state: 'open', events: 600, signedSeq: 600, finding: undefined })
    await tamper(chainId, 555)
    expect((await audited(chainId)).finding).toBe('the hash of event 555 is not that of its content')
  })

  test('an audit finds a head that was rolled back, by events stored or signed after it', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.zipped(chainId, batchText(journal, 1, 300))
    await wire.zipped(chainId, batchText(journal, 301, 600))
    const finding = async (): Promise<string | undefined> => (await audited(chainId)).finding
    expect(await finding()).toBeUndefined()
    const hash = Buffer.from(journal.hashAt(300) ?? [])
    await asOwner('UPDATE chain SET head_seq = 300, head_hash = ? WHERE chain_id = ?', [hash, chainId])
    expect(await finding()).toBe('event 600 was here, and the head is 300: it was rolled back')
    await asOwner('DELETE FROM event WHERE chain_id = ? AND seq > 300', [chainId])
    expect(await finding()).toBe('event 600 was here, and the head is 300: it was rolled back')
    await asOwner('DELETE FROM checkpoint WHERE chain_id = ? AND seq > 300', [chainId])
    expect(await finding()).toBeUndefined()
  })

  /** The edit of a person who owns the database. */
  function tamper(chainId: string, seq: number): Promise<void> {
    return asOwner("UPDATE event SET body = '{}' WHERE chain_id = ? AND seq = ?", [chainId, seq])
  }

  async function asOwner(sql: string, values: unknown[]): Promise<void> {
    if (rig.postgres === undefined) {
      const db = new Database(join(rig.directory, 'receiver.db'))
      const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()
      for (const trigger of triggers) db.exec(`DROP TRIGGER ${trigger}`)
      db.prepare(sql).run(...values)
      db.close()
      return
    }
    const client = new pg.Client({ connectionString: rig.postgres.owner })
    await client.connect()
    let place = 0
    await client.query(
      sql.replaceAll('?', () => `$${++place}`),
      values,
    )
    await client.end()
  }
})
