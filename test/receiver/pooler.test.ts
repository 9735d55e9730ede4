// @module-tag heavy
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demandPrepared } from '../../receiver/postgres/settings.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { journalHashes, openRig, storedHashes } from '../sync/rig.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import { batchText, Wire } from '../sync/wire.ts'
import { pgBouncer } from './servers/pgbouncer.ts'

const PASSES_SETTINGS = 'ignore_startup_parameters = options'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

test.each(['transaction', 'statement'])(
  'a pooler that hands on connections by the %s, and no prepared statements with them, is refused at the start',
  async (mode) => {
    const connection = await pgBouncer(postgres.application, `pool_mode = ${mode}`, PASSES_SETTINGS)
    await expect(demandPrepared(connection)).rejects.toMatchObject({ code: 'store_pooled' })
  },
)

test('a pooler that refuses the settings of the receiver is distinguished from a database that is down', async () => {
  const connection = await pgBouncer(postgres.application, 'pool_mode = session')
  const refused = { code: 'store_pooled', message: expect.stringContaining(PASSES_SETTINGS), isAway: false }
  await expect(demandPrepared(connection)).rejects.toMatchObject(refused)
})

test('a pooler that keeps each connection its server is as good as none', async () => {
  const connection = await pgBouncer(postgres.application, 'pool_mode = session', PASSES_SETTINGS)
  await demandPrepared(connection)
  const store = openPostgresStore({ connection, onError: () => undefined })
  const rig = await openRig({ store })
  try {
    const shops = Array.from({ length: 12 }, async () => {
      const journal = new MemoryJournal()
      journal.append(10)
      const { agentId, chainId } = journal.chain
      const wire = new Wire(rig.receiver.url, (await rig.enrol(agentId)).token)
      expect((await wire.register(journal)).status).toBe(201)
      expect((await wire.events(chainId, batchText(journal, 1, 10))).status).toBe(200)
      expect(await storedHashes(rig.store, chainId)).toEqual(journalHashes(journal))
    })
    await Promise.all(shops)
  } finally {
    await rig.close()
  }
})
