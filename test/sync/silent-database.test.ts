import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgresStore } from '../../sync/receiver/store-postgres.ts'
import { startPostgres } from './servers/postgres.ts'
import { silentLine } from './servers/silent-line.ts'

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
