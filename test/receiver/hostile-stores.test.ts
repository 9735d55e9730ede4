// @module-tag heavy
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { preparePostgres } from '../../receiver/postgres/schema.ts'
import { demandPrepared } from '../../receiver/postgres/settings.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { StoreBusyError } from '../../receiver/store.ts'
import { StoreTrouble } from '../../receiver/store-trouble.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { ManualClock } from '../manual-clock.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import type { Rig } from '../sync/rig.ts'
import { done, fastClock, journalHashes, LogRecord, openRig, storedHashes, syncTo } from '../sync/rig.ts'
import { startNats } from '../sync/servers/nats.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import { batchText, Wire } from '../sync/wire.ts'

let postgres: TestPostgres
let rig: Rig
let owner: pg.Client
beforeAll(async () => {
  postgres = await startPostgres()
  rig = await openRig({ store: openPostgresStore({ connection: postgres.application, onError: () => undefined }) })
  owner = new pg.Client({ connectionString: postgres.owner })
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await rig.close()
  await postgres.stop()
})

/** A shop that is registered at the receiver, and its connection. */
async function shop(
  on: Rig,
  journal = new MemoryJournal(),
): Promise<{ journal: MemoryJournal; wire: Wire; send: (from: number, to: number) => Promise<number> }> {
  journal.append(20)
  const { token } = await on.enrol(journal.chain.agentId)
  const wire = new Wire(on.receiver.url, token)
  expect((await wire.register(journal)).status).toBe(201)
  const send = async (from: number, to: number): Promise<number> =>
    (await wire.events(journal.chain.chainId, batchText(journal, from, to))).status
  return { journal, wire, send }
}

function busyLines(log: LogRecord) {
  return log.lines.filter(({ code }) => code === 'store_busy')
}

test('a database that became a standby is asked on other connections, which may lead to the new primary', async () => {
  const { journal, send } = await shop(rig)
  expect(await send(1, 5)).toBe(200)
  const readOnly = async (value: string): Promise<void> => {
    await owner.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await owner.query('SELECT pg_reload_conf()')
  }
  const connections = async (): Promise<number[]> => {
    const sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'fiskal-receiver' ORDER BY pid"
    return (await owner.query<{ pid: number }>(sql)).rows.map(({ pid }) => pid)
  }
  const before = await connections()
  expect(before).not.toEqual([])
  await readOnly('on')
  await expect.poll(() => send(6, 10)).toBe(503)
  expect(busyLines(rig.log)).toHaveLength(1)
  for (const _ of before) expect(await send(6, 10)).toBe(503)
  await expect.poll(async () => (await connections()).filter((pid) => before.includes(pid))).toEqual([])
  await readOnly('off')
  await expect.poll(() => send(6, 10)).toBe(200)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toHaveLength(10)
})

test('the store refuses writes: the log has its message, once a minute for each cause', async () => {
  const [clock, log] = [new ManualClock(), new LogRecord()]
  const trouble = new StoreTrouble(clock, log)
  const tell = (cause: string, times = 100): void => {
    for (let time = 0; time < times; time++) trouble.report(new StoreBusyError(cause, { cause }))
  }
  tell('53100: No space left on device')
  tell('ECONNREFUSED')
  expect(log.lines).toMatchObject([1, 2].map(() => ({ level: 'warn', code: 'store_busy' })))
  await clock.advance(59_000)
  tell('ECONNREFUSED')
  expect(log.lines).toHaveLength(2)
  await clock.advance(2_000)
  tell('ECONNREFUSED')
  expect(log.lines).toHaveLength(3)
})

test('an unforeseen error that meets each request the same is logged once a minute', async () => {
  const { send } = await shop(rig)
  await owner.query(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'invalid page in block 7' USING ERRCODE = 'data_corrupted'; END $$`)
  await owner.query('CREATE TRIGGER broken BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION broken()')
  for (let times = 0; times < 5; times++) expect(await send(1, 5)).toBe(500)
  expect(rig.log.lines.filter(({ code }) => code === 'internal_error')).toHaveLength(1)
  await owner.query('DROP TRIGGER broken ON event')
  expect(await send(1, 5)).toBe(200)
})

test('a file that another process writes to is busy, and no error', async () => {
  const own = await openRig()
  onTestFinished(() => own.close())
  const { send } = await shop(own)
  const other = new Database(join(own.directory, 'receiver.db'))
  onTestFinished(() => void other.close())
  other.exec('BEGIN IMMEDIATE')
  expect(await send(1, 5)).toBe(503)
  other.exec('COMMIT')
  expect(await send(1, 5)).toBe(200)
  expect(busyLines(own.log)).toHaveLength(1)
})

test('a full database is reported in the log of its receiver, and takes all once it has space', async () => {
  const { journal, send } = await shop(rig)
  // PostgreSQL's error when a disk is full.
  await owner.query(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`)
  await owner.query(
    'CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_room()',
  )
  expect(await send(1, 20)).toBe(503)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual([])
  await owner.query('DROP TRIGGER no_room ON event')
  expect(await send(1, 20)).toBe(200)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toHaveLength(20)
})

test('a database that lost its rights or a table is reported with the remedy, and takes all once that is done', async () => {
  const { journal, send } = await shop(rig)
  const lose = ['REVOKE INSERT ON event FROM receiver', 'ALTER TABLE event RENAME TO elsewhere']
  const warn = vi.spyOn(rig.log, 'warn')
  onTestFinished(() => warn.mockRestore())
  const repair = ['GRANT INSERT ON event TO receiver', 'ALTER TABLE elsewhere RENAME TO event']
  for (const [index, statement] of lose.entries()) {
    await owner.query(statement)
    for (let times = 0; times < 3; times++) expect(await send(1, 20)).toBe(503)
    await owner.query(repair[index] ?? '')
    const line = { code: 'store_busy', error: expect.stringContaining('receiver prepare') }
    expect(warn.mock.calls.slice(index)).toEqual([[line, expect.any(String)]])
  }
  expect(await send(1, 20)).toBe(200)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toHaveLength(20)
})

test('messages of a stream that find no store wait for it, and the log has its cause once', async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  await nats.addStream('FISKAL')
  const own = await openRig({
    store: openPostgresStore({ connection: database.application, onError: () => undefined }),
  })
  onTestFinished(() => own.close())
  const [log, tenantOf] = [new LogRecord(), () => own.tenantId]
  const streams = [{ servers: [nats.url], stream: 'FISKAL', durable: 'd', tenantOf }]
  const parts = { store: own.store, listen: { host: '127.0.0.1', port: 0 }, clock: fastClock(1), log }
  const receiver = await openReceiver({ ...parts, streams })
  onTestFinished(() => receiver.close())
  await database.kill()
  const journal = new MemoryJournal()
  journal.append(900)
  const target = natsTarget({ id: 'chain', servers: [nats.url], stream: 'FISKAL', shards: 1, tenant: 'bakery' })
  const sync = syncTo(journal, target)
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  await expect.poll(() => busyLines(log).length).toBeGreaterThan(0)
  await database.start()
  await expect.poll(() => storedHashes(own.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  expect(log.lines.filter(({ code }) => code === 'stream_refused')).toEqual([])
  expect(busyLines(log).length).toBeLessThan(4)
})

test.each(['SQL_ASCII', 'LATIN1'])(
  'a database in %s returns the stored text, or is refused at the start',
  async (encoding) => {
    const name = `in_${encoding.toLowerCase()}`
    await owner.query(`CREATE DATABASE ${name} ENCODING '${encoding}' TEMPLATE template0 LOCALE 'C'`)
    const of = (connection: string): string => connection.replace('/postgres?', `/${name}?`)
    const prepared = preparePostgres({ owner: of(postgres.owner), role: 'receiver' })
    if (encoding === 'LATIN1') {
      const refused = { code: 'store_unprepared', message: expect.stringContaining('LATIN1') }
      await expect(prepared).rejects.toMatchObject(refused)
      return
    }
    await prepared
    await demandPrepared(of(postgres.application))
    const own = await openRig({
      store: openPostgresStore({ connection: of(postgres.application), onError: () => undefined }),
    })
    onTestFinished(() => own.close())
    const journal = new MemoryJournal({ opOf: (seq) => `Bestellung „${seq}“ 注文 🧾` })
    const { send } = await shop(own, journal)
    expect(await send(1, 20)).toBe(200)
    const stored = await own.store.events(journal.chain.chainId, 0, 20)
    expect(stored.map(({ op, body }) => [op, body])).toEqual(journal.events.map(({ op, body }) => [op, body]))
  },
)
