// @module-tag heavy
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { unsafeSettings } from '../../receiver/postgres/settings.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { journalHashes, openRig, storedHashes } from '../sync/rig.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import { batchText, Wire } from '../sync/wire.ts'
import type { Fate, PoolerOptions } from './servers/lying-pooler.ts'
import { lyingPooler } from './servers/lying-pooler.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** A receiver whose one connection to the database goes over such a line; each shop sends its journal of ten events. */
async function behind(options: PoolerOptions) {
  const connection = await lyingPooler(postgres.application, options)
  const rig = await openRig({ store: openPostgresStore({ connection, maxConnections: 1, onError: () => undefined }) })
  onTestFinished(() => rig.close())
  const shop = async () => {
    const journal = new MemoryJournal()
    journal.append(10)
    const { agentId, chainId } = journal.chain
    const wire = new Wire(rig.receiver.url, (await rig.enrol(agentId)).token)
    expect((await wire.register(journal)).status).toBe(201)
    const send = async (): Promise<number> => (await wire.events(chainId, batchText(journal, 1, 10))).status
    const isWhole = async () => expect(await storedHashes(rig.store, chainId)).toEqual(journalHashes(journal))
    return { send, isWhole }
  }
  return { shop, log: rig.log }
}

const FATES: readonly Fate[] = [
  ...(['cut', 'cut-answer'] as const),
  // Serialization, deadlock, cancelled, a standby, no room, a statement that it does not know.
  ...['40001', '40P01', '57014', '25006', '53100', '26000'].map((refuse) => ({ refuse })),
]

test.each(FATES)('any failed statement of a batch %o, the batch is stored once it is sent again', async (fate) => {
  let remaining = Number.POSITIVE_INFINITY
  const { shop } = await behind({ fateOf: () => (--remaining === 0 ? fate : 'pass') })
  for (let question = 1; ; question++) {
    remaining = Number.POSITIVE_INFINITY
    const { send, isWhole } = await shop()
    remaining = question
    const status = await send()
    // It has fewer questions.
    if (remaining > 0) return expect(question).toBeGreaterThan(5)
    expect([200, 503]).toContain(status)
    expect(await send()).toBe(200)
    await isWhole()
  }
})

test('a pooler that assigns another server, without the prepared statement, is asked on a new connection', async () => {
  let exchanges = 0
  const { shop, log } = await behind({ isExchanged: () => exchanges-- > 0 })
  const { send, isWhole } = await shop()
  expect(await send()).toBe(200)
  exchanges = 1
  expect([200, 503]).toContain(await send())
  expect(await send()).toBe(200)
  await isWhole()
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a server that forgets commits is refused, also if a pooler between drops the settings of the receiver', async () => {
  const owner = new pg.Client({ connectionString: postgres.owner })
  await owner.connect()
  onTestFinished(() => owner.end())
  await owner.query('ALTER SYSTEM SET synchronous_commit = off')
  await owner.query('SELECT pg_reload_conf()')
  const [straight, around] = await Promise.all([
    lyingPooler(postgres.application, {}),
    lyingPooler(postgres.application, { isForgetful: true }),
  ])
  await expect.poll(() => unsafeSettings(around)).toEqual(['synchronous_commit = off'])
  expect(await unsafeSettings(straight)).toEqual([])
})
