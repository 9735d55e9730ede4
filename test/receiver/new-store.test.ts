import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { registrationOf } from '../../receiver/registration.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { STORE_VERSION } from '../../receiver/store.ts'
import { registrationDocument } from '../../sync/source.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { once } from '../waits.ts'

const MAKER = join(import.meta.dirname, 'sqlite-maker.ts')

test('a store that another process makes at the same moment is waited for', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  const maker = spawn(process.execPath, [MAKER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(maker.stdout, 'data')
  const ended = once(maker, 'close')
  const store = openSqliteStore(file, Date)
  expect(await store.tokens(1)).toEqual([])
  await store.close()
  expect(await ended).toEqual([0, null])
})

test('a store from before the first release is refused and stays as it is', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  const db = new Database(file)
  db.exec('CREATE TABLE chain (chainId TEXT PRIMARY KEY)')
  db.close()
  expect(() => openSqliteStore(file, Date)).toThrow(expect.objectContaining({ code: 'store_too_old' }))
  const after = new Database(file, { readonly: true })
  expect(after.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['chain'])
  after.close()
})

test('an agent of two tenants is named as a dispute until it is moved', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  const [tenantId, otherId] = [randomUUID(), randomUUID()]
  const journal = new MemoryJournal()
  const { agentId } = journal.chain
  const forged = new MemoryJournal({ facts: { agentId, epoch: 7 } })
  const store = openSqliteStore(file, Date)
  for (const { chain } of [journal, forged]) await store.register(registrationOf(registrationDocument(chain), tenantId))
  const db = new Database(file)
  db.prepare('UPDATE chain SET tenant_id = ? WHERE epoch = 7').run(otherId)
  db.close()
  expect(await store.owners.disputed()).toEqual([{ agentId, tenantIds: [tenantId, otherId].sort() }])
  await store.owners.move(agentId, tenantId, 'the other one was forged')
  expect(await store.owners.disputed()).toEqual([])
  await store.close()
})

test('a store has a version, and one of a newer receiver is refused and stays as it is', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  await openSqliteStore(file, Date).close()
  const db = new Database(file)
  expect(db.pragma('user_version', { simple: true })).toBe(STORE_VERSION)
  db.pragma(`user_version = ${STORE_VERSION + 1}`)
  db.close()
  expect(() => openSqliteStore(file, Date)).toThrow(expect.objectContaining({ code: 'store_too_new' }))
})
