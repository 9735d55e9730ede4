// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { demandPrepared } from '../../receiver/postgres/settings.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { openRig } from '../sync/rig.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import { silentLine } from '../sync/servers/silent-line.ts'
import { batchText, Wire } from '../sync/wire.ts'

test('a database that says nothing more on the connections that there are is asked on others, without a restart', async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await silentLine(database.application)
  const places = { maxConnections: 2, answerMs: 1000, onError: () => undefined }
  const store = openPostgresStore({ connection: line.connection, ...places })
  onTestFinished(() => store.close())
  const chain = randomUUID()
  const ask = () => [store.chain(chain), store.lastCheckpoint(chain, 1)]
  expect(await Promise.all(ask())).toEqual([undefined, undefined])
  line.silence()
  const lost = await Promise.allSettled(ask())
  expect(lost).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: { name: 'StoreBusyError' } })))
  line.hear()
  expect(await Promise.all(ask())).toEqual([undefined, undefined])
})

test('a receiver that dies in the middle of an append keeps its shop out no longer than its timeout', async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await silentLine(database.application)
  const places = { answerMs: 1000, onError: () => undefined }
  const gone = await openRig({ store: openPostgresStore({ connection: line.connection, ...places }) })
  onTestFinished(() => gone.close())
  const other = await openRig({
    store: openPostgresStore({ ...places, connection: database.application, answerMs: 20_000 }),
  })
  onTestFinished(() => other.close())
  const journal = new MemoryJournal()
  journal.append(10)
  const { agentId, chainId } = journal.chain
  const { token } = await gone.enrol(agentId)
  const wire = new Wire(gone.receiver.url, token)
  expect((await wire.register(journal)).status).toBe(201)
  // The name of the statement: its text is sent to each connection once.
  line.silenceBehind('lock-chain')
  const lost = wire.events(chainId, batchText(journal, 1, 5))
  await line.asked
  // A sender repeats.
  const elsewhere = new Wire(other.receiver.url, token)
  const taken = async () => (await elsewhere.events(chainId, batchText(journal, 1, 5))).status
  await expect.poll(taken).toBe(200)
  expect(await lost).toMatchObject({ status: 503, body: { code: 'busy' } })
})

test.each([
  ['between two statements', 'BEGIN'],
  ['as soon as it is made', 'fiskal-receiver'],
])('a database that ends a connection %s is busy, and no error of the receiver', async (_when, said) => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await silentLine(database.application)
  const store = openPostgresStore({ connection: line.connection, onError: () => undefined })
  onTestFinished(() => store.close())
  line.endBehind(said)
  await expect(store.lastCheckpoint(randomUUID(), 1)).rejects.toMatchObject({ name: 'StoreBusyError' })
  line.hear()
  expect(await store.lastCheckpoint(randomUUID(), 1)).toBeUndefined()
})

test('a database that falls silent while a receiver starts counts as down', async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await silentLine(database.application)
  line.silenceBehind('pg_is_in_recovery')
  const away = { code: 'store_unavailable', isAway: true }
  await expect(demandPrepared(line.connection, 1000)).rejects.toMatchObject(away)
})
