// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import type { Answer, Call, Members, Operation } from '../e2e/client.ts'
import { Client, completion } from '../e2e/client.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { italianTill, ONE_PRINTER } from '../e2e/italy/shop.ts'
import { execFileSync } from '../waits.ts'
import { ownPlace, platformKey, runDaemon } from './daemon.ts'

const DEADLINE_MS = 1500
/** Longer than the deadline, and than any till waits for a disk that is not slow. */
const SYNC_MS = 2500

type Disk = {
  /** Each sync takes so long. */
  slow(ms: number): void
  /** From now on each sync is held. */
  hold(): void
  /** Waits for the sync of that number since `hold`, and lets it pass after so long. */
  pass(number: number, afterMs?: number): Promise<void>
  begun(): number
}
type Shop = { url: string; register: Register; state: string; disk: Disk }
type Law = { config: object; till: (bench: Bench) => Promise<Register>; rate: string }

const GERMANY: Law = { config: {}, till: germanTill, rate: '0.07' }
const AUSTRIA: Law = { config: ONE_CARD, till: austrianTill, rate: '0.20' }
const ITALY: Law = { config: ONE_PRINTER, till: italianTill, rate: '0.22' }

async function germanTill({ office, client }: Bench): Promise<Register> {
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const location = (await office.post('/v1/locations', GERMAN_LOCATION))['id']
  const id = String((await office.post('/v1/registers', { location_id: location, name: 'Kasse' }))['id'])
  const done = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const till = client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { id, key, till, clientId: '' }
}

/** The daemon on a disk whose syncs take as long as the test says. */
async function shopOf({ config, till }: Law): Promise<Shop> {
  const place = ownPlace({}, { deadlineMs: DEADLINE_MS, ...config })
  const [library, file] = [join(place.folder, 'slow-sync.so'), join(place.folder, 'slow')]
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, '..', 'slow-sync.c'), '-ldl'])
  const disk = diskOf(file)
  disk.slow(0)
  const daemon = runDaemon(place.config, { LD_PRELOAD: library, SLOW_SYNC: file })
  onTestFinished(async () => {
    daemon.child.kill('SIGKILL')
    await daemon.ended
    rmSync(place.folder, { recursive: true, force: true })
  })
  const url = String(await daemon.ready)
  const client = (headers: Readonly<Record<string, string>>): Client => new Client(() => url, headers)
  const office = client({ Authorization: `Bearer ${await platformKey(place.state)}` })
  const register = await till({ office, client } as Bench)
  return { url, register, state: place.state, disk }
}

/** `order`: the file that slow-sync.c reads. It is replaced: a sync never reads half of it. */
function diskOf(order: string): Disk {
  const say = (text: string): void => {
    writeFileSync(`${order}.new`, text)
    renameSync(`${order}.new`, order)
  }
  const begun = (): number => statSync(`${order}.begun`).size
  return {
    begun,
    slow: (ms) => say(String(ms)),
    hold: () => {
      writeFileSync(`${order}.begun`, '')
      say('hold 0')
    },
    pass: async (number, afterMs = 0) => {
      await expect.poll(begun, { interval: 5 }).toBeGreaterThanOrEqual(number)
      await delay(afterMs)
      say(`hold ${number}`)
    },
  }
}

/** Sends it to a disk whose first sync takes longer than the deadline: the answer does not wait for the second one. */
async function afterOneSync({ disk, register }: Shop, call: Call): Promise<Answer> {
  disk.hold()
  const answer = register.till.call(call)
  await disk.pass(1, SYNC_MS)
  const given = await answer
  disk.slow(0)
  return given
}

function creation({ register }: Shop, { rate }: Law, key: string = randomUUID()): Call {
  return { path: '/v1/operations', body: goods('sale', register.id, [['4.00', rate]]), key }
}

/** An open sale has its start. */
function isSigned({ json }: Answer): boolean {
  const { state, start_event: start } = json['fiscal'] as Members
  return state === 'succeeded' || start !== undefined
}

/** Resolves when so many requests are sent whole: the daemon finds them after its sync, however busy the machine is. */
async function requestsSent(count: number): Promise<void> {
  let sent = 0
  const note = (): void => {
    sent++
  }
  subscribe('undici:request:bodySent', note)
  try {
    await expect.poll(() => sent, { interval: 5 }).toBe(count)
  } finally {
    unsubscribe('undici:request:bodySent', note)
  }
}

/** The same request until it has its outcome. */
async function settled(client: Client, call: Call): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await client.call(call)
    if (answer.status < 300 && isSigned(answer)) return answer
    expect(tries, answer.text).toBeLessThan(100)
    await delay(100)
  }
}

async function warnings({ url }: Shop): Promise<string[]> {
  const { warnings: active } = (await (await fetch(new URL('/readyz', url))).json()) as { warnings: Members[] }
  return active.map(({ code }) => String(code))
}

function finishes({ state }: Shop): number {
  const count = `SELECT count(*) FROM event WHERE kind = 'operation.completed'`
  return readJournal(state, (db) => Number(db.prepare(count).pluck().get()))
}

test('Germany: at the deadline no second sync is waited for, and the same key gets the one signature', async () => {
  const shop = await shopOf(GERMANY)
  const { till } = shop.register
  const create = creation(shop, GERMANY)
  const created = await afterOneSync(shop, create)
  expect([created.status, isSigned(created)]).toEqual([201, false])
  const open = (await settled(till, create)).json as unknown as Operation
  const complete = completion(open, [pay('cash', '4.00')])
  const completed = await afterOneSync(shop, complete)
  expect(completed.status).toBe(503)
  expect(completed.json).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown', retryable: true })
  expect(await warnings(shop)).toContain('disk_slow')
  const done = await settled(till, complete)
  expect([done.status, done.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])
  expect(await till.read(open.id)).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
})

test.each([
  ['Austria', AUSTRIA],
  ['Italy', ITALY],
])('%s: a completion is answered reconciling after one sync, and the same key gets its outcome', async (_name, law) => {
  const shop = await shopOf(law)
  const { till } = shop.register
  const open = await till.create(goods('sale', shop.register.id, [['4.00', law.rate]]))
  const created = await afterOneSync(shop, creation(shop, law))
  expect([created.status, created.json['status']]).toEqual([201, 'open'])
  const complete = completion(open, [pay('cash', '4.00')])
  const completed = await afterOneSync(shop, complete)
  expect([completed.status, completed.json['code'], completed.json['fiscal_effect']]).toEqual([
    ...[503, 'reconciling', 'unknown'],
  ])
  const done = await settled(till, complete)
  expect([done.status, done.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])
  const repeated = await till.call(complete)
  expect(repeated.text).toBe(done.text)
})

test('twenty requests at once, of each kind, wait for two syncs at most, and none is done twice', async () => {
  const shop = await shopOf(GERMANY)
  const { till, id } = shop.register
  const open: Operation[] = []
  for (let index = 0; index < 8; index++) open.push(await till.create(goods('sale', id, [['4.00', '0.07']])))
  const calls: Call[] = [
    ...open.map((one) => completion(one, [pay('cash', '4.00')])),
    ...Array.from({ length: 8 }, () => creation(shop, GERMANY)),
    ...Array.from({ length: 4 }, () => ({
      ...{ path: '/v1/operations', key: randomUUID() },
      body: event('session_cash_adjustment', id, { cash_amount: '1.00' }),
    })),
  ]
  shop.disk.hold()
  const sent = requestsSent(calls.length)
  const asked = Promise.all(calls.map((call) => till.call(call)))
  // Most of them arrive during the sync of the first ones.
  await sent
  await shop.disk.pass(1, SYNC_MS)
  await shop.disk.pass(2, SYNC_MS)
  for (const answer of await asked)
    expect(answer.status === 201 || answer.json['code'] === 'reconciling', answer.text).toBe(true)
  shop.disk.slow(0)
  const done = await Promise.all(calls.map((call) => settled(till, call)))
  expect(done.map(({ status }) => status)).toEqual([...Array(8).fill(200), ...Array(12).fill(201)])
  expect(done.every(isSigned)).toBe(true)
  expect(finishes(shop)).toBe(8 + 4 + 1)
})

test('a request that comes during a sync waits for that one and its own', async () => {
  const shop = await shopOf(GERMANY)
  const { till } = shop.register
  shop.disk.hold()
  const first = till.call(creation(shop, GERMANY))
  await expect.poll(() => shop.disk.begun(), { interval: 5 }).toBe(1)
  const second = till.call(creation(shop, GERMANY))
  await shop.disk.pass(1, SYNC_MS)
  expect((await first).status).toBe(201)
  await shop.disk.pass(2, SYNC_MS)
  expect((await second).status).toBe(201)
})

test('a fast disk has no warning, and its answers are final', async () => {
  const shop = await shopOf(GERMANY)
  const { till } = shop.register
  const created = await till.call(creation(shop, GERMANY))
  expect(isSigned(created)).toBe(true)
  expect(await warnings(shop)).not.toContain('disk_slow')
  // Slow for a disk, but no till has waited for two seconds.
  shop.disk.slow(300)
  expect(isSigned(await till.call(creation(shop, GERMANY)))).toBe(true)
  expect(await warnings(shop)).not.toContain('disk_slow')
})
