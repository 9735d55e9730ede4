import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { registrationOf } from '../../receiver/registration.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { STORE_VERSION } from '../../receiver/store.ts'
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

test('a store of an earlier version is brought to this one', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  await openSqliteStore(file, Date).close()
  const db = new Database(file)
  db.exec('ALTER TABLE token DROP COLUMN usedAtMs')
  db.close()
  const store = openSqliteStore(file, Date)
  await store.addToken('tok_1', Buffer.alloc(32), { kind: 'office', tenantId: 't' })
  expect(await store.tokens(1)).toMatchObject([{ id: 'tok_1', usedAtMs: undefined }])
  await store.close()
})

test('the agents of an earlier version get the tenant of their lowest epoch, and a dispute is named', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  const [tenantId, otherId] = [randomUUID(), randomUUID()]
  const journal = new MemoryJournal()
  const { agentId } = journal.chain
  const forged = new MemoryJournal({ facts: { agentId, epoch: 7 } })
  const announced = randomUUID()
  const before = openSqliteStore(file, Date)
  await before.addToken('tok_1', Buffer.alloc(32), { kind: 'agent', tenantId, agentId: announced })
  await before.register(registrationOf(journal.chain, tenantId))
  await before.register(registrationOf(forged.chain, tenantId))
  await before.close()
  const db = new Database(file)
  db.prepare('UPDATE chain SET tenantId = ? WHERE epoch = 7').run(otherId)
  db.exec('DROP TABLE agent')
  db.close()
  const store = openSqliteStore(file, Date)
  expect(await store.owners.tenantOf(agentId)).toBe(tenantId)
  expect(await store.owners.tenantOf(announced)).toBe(tenantId)
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
