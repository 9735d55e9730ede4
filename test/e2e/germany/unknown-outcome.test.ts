// @module-tag heavy
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { completion, processData, signed, voiding } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'

const PENDING = { state: 'pending', receipt_text: 'TSE ausgefallen' }

function fast() {
  return Bench.open({ clock: new FastClock(10) })
}

function sale(id: string) {
  return { path: '/v1/operations', body: goods('sale', id, [['3.00', '0.07']]), key: 'create' }
}

function start({ id, till }: Register) {
  return till.create(goods('sale', id, [['3.00', '0.07']]))
}

function cash() {
  return [pay('cash', '3.00')]
}

function settled(bench: Bench, { till }: Register, id: string): Promise<Operation> {
  return bench.until(async () => {
    const seen = await till.read(id)
    return seen.fiscal.state !== 'pending' && seen
  })
}

/** How often each act is in the archive; fails if the archive does not verify. */
async function logs(bench: Bench): Promise<{ starts: number; finishes: number; aborts: number }> {
  const bytes = await bench.exported('tse_tar')
  const report = await verifyArchive(bytes)
  expect(report.findings).toEqual([])
  const count = (pattern: RegExp) => Buffer.from(bytes).toString('latin1').match(pattern)?.length ?? 0
  return {
    starts: count(/_Log-Tra_No-\d+_Start_/g),
    finishes: count(/_Log-Tra_No-\d+_Finish_/g),
    aborts: count(/AVBelegabbruch\^/g),
  }
}

test('a finish whose answer is lost is reconciled by asking: one signature, and the till gets it', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('lost-answer@finish')
  const done = await shop.till.complete(open, cash())
  expect(done.fiscal.state).toBe('succeeded')
  expect(processData(done)).toBe('Beleg^0.00_3.00_0.00_0.00_0.00^3.00:Bar')
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
})

test('a start whose answer is lost is found among the open transactions: no second one', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('lost-answer@start')
  const open = await start(shop)
  expect(open.fiscal).toMatchObject({ state: 'pending', start_event: { signed_at: expect.any(String) } })
  expect(signed(await shop.till.complete(open, cash())).transaction_number).toBe(2)
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('while a start is running the goods are amended, and its outcome joins the amended operation', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const { id, till } = shop
  await bench.fault('slow=12000@start')
  const create = { path: '/v1/operations', body: { ...goods('sale', id, []), line_items: [] }, key: 'create' }
  const early = await till.call(create)
  expect(early.json).toMatchObject({ resource_version: 1, fiscal: { state: 'pending' } })
  const open = await till.read(String(early.json['id']))
  const amended = await till.amend(open, goods('sale', id, [['3.00', '0.07']]))
  expect(amended).toMatchObject({ resource_version: 2, total_amount: '3.00' })
  if (amended.fiscal.start_event === undefined) {
    // The early answer is that of the operation as it is now.
    const again = await till.call(create)
    expect([again.status, again.headers.get('etag'), again.json['total_amount']]).toEqual([201, '"2"', '3.00'])
  }
  const begun = await bench.until(async () => {
    const seen = await till.read(open.id)
    return seen.fiscal.start_event !== undefined && seen
  })
  expect(begun).toMatchObject({ resource_version: 2, total_amount: '3.00', status: 'open' })
  const done = await till.call({ ...completion(open, cash()), ifMatch: 2 })
  expect(done.json).toMatchObject({ resource_version: 3, fiscal: { state: 'succeeded' } })
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('without a TSE an operation begins, is amended and completed with other goods, as an outage', async () => {
  await using bench = await fast()
  const { id, till } = await bench.till()
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  const open = await till.create({ ...goods('sale', id, []), line_items: [] })
  const amended = await till.amend(open, goods('sale', id, [['3.00', '0.07']]))
  expect(amended.fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen' })
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', id, [['2.00', '0.07']])
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const done = await till.call({ ...completion(open, [pay('cash', '2.00')], last), ifMatch: 2 })
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '2.00', fiscal: { state: 'failed' } })
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '52.00' })
})

test('a garbled answer is reconciled like a lost one', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('garbled@start', 'garbled@finish')
  expect((await shop.till.complete(await start(shop), cash())).fiscal.state).toBe('succeeded')
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('a request that the device never got is sent again', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 20_000 } })
  const shop = await bench.till()
  await bench.fault('lost-request@start')
  const open = await start(shop)
  await bench.fault('lost-request@finish')
  expect((await shop.till.complete(open, cash())).fiscal.state).toBe('succeeded')
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('a bon of an outage is not signed by a second try, after a lost request or at a busy device', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 1500 } })
  const shop = await bench.till()
  for (const fault of ['lost-request@finish', 'busy@finish#1-30']) {
    const open = await start(shop)
    await bench.fault(fault)
    const first = await shop.till.call(completion(open, cash()))
    expect(first.json['fiscal']).toMatchObject(PENDING)
    expect((await settled(bench, shop, open.id)).fiscal).toMatchObject({
      ...{ state: 'failed', receipt_text: 'TSE ausgefallen', error: { code: 'not_signed' } },
    })
    await bench.fault('clear')
  }
  const next = await shop.till.complete(await start(shop), cash())
  expect(next.fiscal.state).toBe('succeeded')
})

test('a power cut between signing and storing is not a lost bon and not a second number', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('power-cut@finish')
  const call = completion(open, cash())
  const first = await shop.till.call(call)
  expect(first.status).toBe(200)
  const done = await settled(bench, shop, open.id)
  expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('a finish slower than the deadline: pending now, reconciled later, the same key gets the reconciled answer', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('slow=15000@finish')
  const call = completion(open, cash())
  const first = await shop.till.call(call)
  expect([first.status, first.json['fiscal_information']]).toEqual([200, null])
  expect(first.json).toMatchObject({ status: 'completed', resource_version: 2 })
  expect(first.json['fiscal']).toEqual({ ...PENDING, start_event: open.fiscal.start_event })
  const done = await settled(bench, shop, open.id)
  expect(done).toMatchObject({ fiscal: { state: 'succeeded' }, resource_version: 2 })
  const again = await shop.till.call(call)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(again.json).toEqual(done)
  await bench.restart()
  expect((await shop.till.call(call)).text).toBe(again.text)
  expect(await shop.till.get(`/v1/registers/${shop.id}/session`)).toMatchObject({ expected_closing_amount: '53.00' })
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('a start slower than the deadline: 201 without a start yet, which GET and the same key show later', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('slow=15000@start')
  const first = await shop.till.call(sale(shop.id))
  expect([first.status, first.json['status']]).toEqual([201, 'open'])
  expect(first.json['fiscal']).toMatchObject({ state: 'pending' })
  const id = String(first.json['id'])
  const begun = await bench.until(async () => {
    const seen = await shop.till.read(id)
    return seen.fiscal.start_event !== undefined && seen
  })
  expect((await shop.till.call(sale(shop.id))).json).toEqual(begun)
  expect(await logs(bench)).toMatchObject({ starts: 2 })
})

test('completion while the start is unknown is an outage, not signed later, and its transaction is aborted', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('lost-answer@start', 'unplugged@open')
  const open = await start(shop)
  expect(open.fiscal).toEqual({ state: 'pending' })
  const call = completion(open, cash())
  const done = await shop.till.call(call)
  expect(done.status).toBe(200)
  expect(done.json).toMatchObject({ status: 'completed', fiscal: PENDING, fiscal_information: null })
  expect(await shop.till.get(`/v1/registers/${shop.id}/session`)).toMatchObject({ expected_closing_amount: '53.00' })
  const again = await shop.till.refused({ ...completion(open, cash()), ifMatch: 2 })
  expect(again.code).toBe('operation_invalid_state')
  const early = await shop.till.call(call)
  expect([early.status, early.json]).toEqual([200, done.json])
  await bench.fault('clear')
  const end = await settled(bench, shop, open.id)
  expect(end).toMatchObject({ status: 'completed', resource_version: 2, fiscal: { state: 'failed' } })
  expect(end).toMatchObject({ fiscal: { receipt_text: 'TSE ausgefallen' }, fiscal_information: null })
  expect((await shop.till.call(call)).json).toEqual(end)
  await bench.until(async () => (await logs(bench)).aborts === 1)
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 1 })
})

test('completion waits for a start that the device is still at, and for its own finish, one deadline in all', async () => {
  const clock = new FastClock(10)
  await using bench = await Bench.open({ clock, config: { deadlineMs: 4000 } })
  const shop = await bench.till()
  const timed = async (call: Parameters<typeof shop.till.call>[0]) => {
    const beganMs = clock.now()
    const answer = await shop.till.call(call)
    return { answer, tookMs: clock.now() - beganMs }
  }
  await bench.fault('slow=60000@start')
  const created = await timed(sale(shop.id))
  const done = await timed(completion(created.answer.json as unknown as Operation, cash()))
  expect(done.answer.json).toMatchObject({ status: 'completed', fiscal: PENDING })
  expect(done.tookMs).toBeLessThan(2 * created.tookMs)
})

test('completion that the device is slow to start is signed when it has started: no outage', async () => {
  await using bench = await Bench.open({ clock: new FastClock(1), config: { deadlineMs: 2000 } })
  const shop = await bench.till()
  await bench.fault('slow=2500@start')
  const open = await start(shop)
  expect(open.fiscal).toEqual({ state: 'pending' })
  const done = await shop.till.complete(open, cash())
  expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('void while the start is unknown counts now and is signed as aborted when the start is found', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('lost-answer@start', 'unplugged@open')
  const open = await start(shop)
  const call = voiding(open)
  const given = await shop.till.call(call)
  expect(given.json).toMatchObject({ status: 'voided', fiscal: PENDING })
  await bench.fault('clear')
  const end = await settled(bench, shop, open.id)
  expect(end).toMatchObject({ status: 'voided', fiscal: { state: 'succeeded' } })
  expect((await shop.till.call(call)).json).toEqual(end)
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 1 })
})

test('an act that is pending when the agent stops is reconciled by the next start', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('lost-answer@finish', 'unplugged@open')
  const call = completion(open, cash())
  expect((await shop.till.call(call)).json['fiscal']).toMatchObject(PENDING)
  await bench.restart()
  const done = await shop.till.read(open.id)
  expect(done.fiscal.state).toBe('succeeded')
  expect((await shop.till.call(call)).json).toEqual(done)
  expect(await logs(bench)).toEqual({ starts: 2, finishes: 2, aborts: 0 })
})

test('an unknown outcome is never reconciled by asking another device', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('lost-answer@finish', 'unplugged@open')
  expect((await shop.till.complete(open, cash())).fiscal).toMatchObject(PENDING)
  await bench.restart(() => rm(join(bench.config.state, 'devices', 'tse-1'), { recursive: true }))
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'foreign' }])
  expect((await shop.till.read(open.id)).fiscal).toMatchObject(PENDING)
})

test('a session event whose signature is unknown counts at once and is reconciled', async () => {
  await using bench = await fast()
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await bench.fault('lost-answer@finish', 'unplugged@open')
  const body = event('session_open', id, { opening_balance_amount: '7.00' })
  const first = await till.call({ path: '/v1/operations', body, key: 'k' })
  expect([first.status, first.json['status']]).toEqual([201, 'completed'])
  expect(first.json['fiscal']).toMatchObject(PENDING)
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '7.00' })
  await bench.fault('clear')
  await bench.until(async () => (await till.read(String(first.json['id']))).fiscal.state === 'succeeded')
  const again = await till.call({ path: '/v1/operations', body, key: 'k' })
  expect(again.json).toMatchObject({ fiscal: { state: 'succeeded' } })
})

test('a registration at the device whose answer is lost is pending and completes automatically', async () => {
  await using bench = await fast()
  const { locationId } = await bench.shop()
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'K' })
  await bench.fault('lost-answer@register', 'unplugged@clients', 'unplugged@open')
  const call = { path: `/v1/registers/${String(id)}/fiscalize`, body: {}, key: 'k' }
  const first = await bench.office.call(call)
  expect(first.status).toBe(202)
  expect(first.json).toMatchObject({ fiscalization_status: 'pending', register_api_key: expect.any(String) })
  const till = bench.client({ 'X-Register-Api-Key': String(first.json['register_api_key']) })
  await bench.fault('clear')
  await bench.until(async () => {
    const seen = await bench.office.get(`/v1/registers/${String(id)}`)
    return seen['fiscalization_status'] === 'fiscalized'
  })
  const opened = await till.create(event('session_open', String(id), { opening_balance_amount: '0.00' }))
  expect(opened.fiscal.state).toBe('succeeded')
})

test('a fiscalization that the device refuses is failed and may be tried again', async () => {
  await using bench = await fast()
  const { locationId } = await bench.shop()
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'K' })
  const path = `/v1/registers/${String(id)}/fiscalize`
  await bench.fault('memory-full@register')
  const failed = await bench.office.post(path, {}, 202)
  const error = { code: 'memory_full', message: expect.stringContaining('full'), occurred_at: expect.any(String) }
  expect(failed).toMatchObject({ fiscalization_status: 'failed', fiscalizedAt: null, fiscalization: { error } })
  const done = await bench.office.post(path, {}, 202)
  const { client_id } = failed['fiscalization'] as { client_id: string }
  expect(done).toMatchObject({ fiscalization_status: 'fiscalized', fiscalization: { client_id } })
  expect(done['fiscalization']).not.toHaveProperty('error')
})

test('several starts whose answers are lost together each find their own', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 60_000 } })
  const shop = await bench.till()
  await bench.fault('lost-answer@start#1', 'lost-request@start#3', 'lost-answer@start#4')
  const opened = await Promise.all([1, 2, 3, 4].map(() => start(shop)))
  const done = await Promise.all(opened.map((open) => shop.till.complete(open, cash())))
  expect(done.map((operation) => signed(operation).transaction_number).sort()).toEqual([2, 3, 4, 5])
  expect(await logs(bench)).toEqual({ starts: 5, finishes: 5, aborts: 0 })
})

test('a start with the device unplugged serves at once; unknown outcomes stay so until the device is back', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('lost-answer@finish', 'unplugged@open')
  const call = completion(open, cash())
  expect((await shop.till.call(call)).json['fiscal']).toMatchObject(PENDING)
  const key = join(bench.config.state, 'devices', 'tse-1', 'key.pem')
  await bench.restart(() => rename(key, `${key}.away`).then(() => mkdir(key)))
  expect(await (await fetch(`${bench.url}/readyz`)).json()).toMatchObject({ state: 'degraded' })
  expect((await shop.till.call(call)).json['fiscal']).toMatchObject(PENDING)
  expect((await start(shop)).fiscal.state).toBe('failed')
  await rm(key, { recursive: true })
  await rename(`${key}.away`, key)
  const done = await settled(bench, shop, open.id)
  expect(done.fiscal.state).toBe('succeeded')
  expect((await shop.till.call(call)).json).toEqual(done)
})

test('stop does not wait for a running act; the next start reconciles it', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 1000 } })
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('slow=3600000@finish')
  const call = completion(open, cash())
  expect((await shop.till.call(call)).json['fiscal']).toMatchObject(PENDING)
  await bench.restart()
  const done = await settled(bench, shop, open.id)
  expect(done).toMatchObject({ status: 'completed', resource_version: 2 })
  expect((await shop.till.call(call)).json).toEqual(done)
  expect(await logs(bench)).toMatchObject({ starts: 2, finishes: 2 })
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([])
})
