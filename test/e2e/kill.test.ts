// @module-tag heavy
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Daemon } from '../cli/command.ts'
import { fiskalEdge, ownTill, runDaemon } from '../cli/command.ts'
import { smoke } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Answer, Members } from './client.ts'
import { Client, completion, processData } from './client.ts'
import { event, goods, pay } from './goods.ts'

async function kill(daemon: Daemon): Promise<void> {
  process.kill(daemon.pid, 'SIGKILL')
  await daemon.ended
}

/** A daemon with a register in an open session, and its back office. */
async function openShop(config: string) {
  const daemon = await runDaemon(config)
  const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
  const { key } = JSON.parse(out) as { key: string }
  const running = { daemon }
  const office = new Client(() => running.daemon.url, { Authorization: `Bearer ${key}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
  const id = String((await office.post('/v1/registers', { location_id, name: 'K' }))['id'])
  await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  await office.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { running, office, id, key }
}

test(
  'a daemon that is killed within a finish reconciles it at its next start, under the same key, once',
  smoke(),
  async () => {
    const config = ownTill()
    const { running, office, id } = await openShop(config)
    const answered = await office.create(goods('sale', id, [['1.00', '0.07']]))
    const open = await office.create(goods('sale', id, [['3.00', '0.07']]))
    await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
    const call = completion(open, [pay('cash', '3.00')])
    const lost = office.call(call).then(
      (answer: Answer) => answer.status,
      () => 'no answer',
    )
    await untilIntended(office, open.id)
    await kill(running.daemon)
    expect(await lost).toBe('no answer')

    running.daemon = await runDaemon(config)
    const done = await office.call(call)
    expect([done.status, done.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])
    expect((await office.call(call)).text).toBe(done.text)
    expect(processData(await office.complete(answered, [pay('cash', '1.00')]))).toMatch(/^Beleg\^0.00_1.00/)
    expect(await office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
    await kill(running.daemon)

    running.daemon = await runDaemon(config)
    expect((await office.call(call)).text).toBe(done.text)
    expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '54.00' })
    await kill(running.daemon)
    expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true })
  },
)

test('a daemon that is killed while the TSE signs a corrected count reconciles it, once, in a counted session', async () => {
  const config = ownTill()
  const { running, office, id } = await openShop(config)
  const first = await office.create(event('session_cash_count', id, { counted_closing_amount: '500.00' }))
  await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
  const body = event('session_cash_count', id, { counted_closing_amount: '50.00', corrects_operation_id: first.id })
  const call = { path: '/v1/operations', body, key: 'second' }
  const lost = office.call(call).then(
    (answer: Answer) => answer.status,
    () => 'no answer',
  )
  await untilIntended(office, await untilCorrecting(office, first.id))
  await kill(running.daemon)
  expect(await lost).toBe('no answer')

  running.daemon = await runDaemon(config)
  const done = await office.call(call)
  expect([done.status, done.json]).toMatchObject([
    201,
    { correction_amount: '-450.00', fiscal: { state: 'succeeded' } },
  ])
  expect((await office.call(call)).text).toBe(done.text)
  expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({
    state: 'counted',
    counted_closing_amount: '50.00',
    closing_cashcount_diff: '0.00',
  })
  await kill(running.daemon)
  expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true })
})

test('a daemon that is killed while the TSE signs a tip leaves the bill without it until its end, and has it once', async () => {
  const config = ownTill()
  const { running, office, id } = await openShop(config)
  const open = await office.create(goods('sale', id, [['10.00', '0.07']]))
  await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
  const call = completion(open, [pay('cash', '11.50')], { tip_amount: '1.50', tip_recipient: 'owner' })
  const lost = office.call(call).then(
    (answer: Answer) => answer.status,
    () => 'no answer',
  )
  await untilIntended(office, open.id)
  expect(await office.read(open.id)).toMatchObject({ status: 'open', total_amount: '10.00', resource_version: 1 })
  await kill(running.daemon)
  expect(await lost).toBe('no answer')

  running.daemon = await runDaemon(config)
  const done = await office.call(call)
  expect([done.status, done.json]).toMatchObject([200, { total_amount: '11.50', tip_recipient: 'owner' }])
  expect((done.json['line_items'] as Members[]).map((line) => line['total_amount'])).toEqual(['10.00', '1.50'])
  expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '61.50' })
  await kill(running.daemon)
  expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true })
})

test('a daemon that is killed while the TSE signs the last goods completes the operation with them, once', async () => {
  const config = ownTill()
  const { running, office, id } = await openShop(config)
  const open = await office.create(goods('sale', id, [['9.00', '0.07']]))
  await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', id, [['3.00', '0.07']])
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const call = completion(open, [pay('cash', '3.00')], last)
  const lost = office.call(call).then(
    (answer: Answer) => answer.status,
    () => 'no answer',
  )
  await untilIntended(office, open.id)
  // Not before the end: until then the goods are the old ones.
  expect(await office.read(open.id)).toMatchObject({ status: 'open', total_amount: '9.00', resource_version: 1 })
  await kill(running.daemon)
  expect(await lost).toBe('no answer')

  running.daemon = await runDaemon(config)
  const done = await office.call(call)
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '3.00', resource_version: 2 })
  expect(done.json).toMatchObject({ cancelled_line_items: [{ total_amount: '9.00' }], fiscal: { state: 'succeeded' } })
  expect(processData(await office.read(open.id))).toBe('Beleg^0.00_3.00_0.00_0.00_0.00^3.00:Bar')
  expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '53.00' })
  await kill(running.daemon)
  const state = join(dirname(config), 'state')
  expect(await verifyJournal(state)).toMatchObject({ valid: true, findings: [] })
})

test('a daemon that is killed while the TSE signs for a claim settles it, or takes it back, once', async () => {
  const config = ownTill()
  const { running, office, id } = await openShop(config)
  const customer = { customer: { name: 'Gasthaus Krone' } }
  const owed = await office.create(goods('sale', id, [['80.00', '0.19']]))
  await office.complete(owed, [pay('on_account', '80.00')], customer)
  const line = { type: 'receivable', related_operation_id: owed.id }
  const payment = await office.create(goods('sale', id, [['30.00', '0', line]]))
  const back = await office.create(
    goods('return', id, [['-20.00', '0.19']], { related_operation_id: owed.id, ...customer }),
  )
  for (const [open, payments, left] of [
    [payment, [pay('cash', '30.00')], '50.00'],
    [back, [pay('on_account', '-20.00')], '30.00'],
  ] as const) {
    await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
    const call = completion(open, payments)
    const lost = office.call(call).then(
      (answer: Answer) => answer.status,
      () => 'no answer',
    )
    await untilIntended(office, open.id)
    // Held from the commit that names it.
    expect(await office.get(`/v1/operations/${owed.id}`)).toMatchObject({ on_account: { amount: '80.00', left } })
    await kill(running.daemon)
    expect(await lost).toBe('no answer')
    running.daemon = await runDaemon(config)
    const done = await office.call(call)
    expect([done.status, done.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])
    expect(await office.get(`/v1/operations/${owed.id}`)).toMatchObject({ on_account: { amount: '80.00', left } })
  }
  const more = goods('sale', id, [['30.01', '0', line]])
  expect(await office.refused({ path: '/v1/operations', body: more })).toMatchObject({ code: 'amount_exceeded' })
  await kill(running.daemon)
  expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true, findings: [] })
})

/** Sends one create, as a process of its own that can be killed. */
const TILL = `fetch(process.argv[1] + '/v1/operations', {
  method: 'POST', body: process.argv[3],
  headers: { Authorization: 'Bearer ' + process.argv[2], 'Content-Type': 'application/json', 'Idempotency-Key': 'basket-1' },
})`

test('a till that is killed after its create was sent reads it by its key, while it runs and after a killed daemon', async () => {
  const config = ownTill()
  const { running, office, id, key } = await openShop(config)
  expect((await office.refused({ path: '/v1/operations/key:basket-1' })).code).toBe('not_found')
  await fiskalEdge('fault', 'tse-1', 'slow=60000@start', '--config', config)
  const sale = goods('sale', id, [['3.00', '0.07']])
  const till = spawn(process.execPath, ['-e', TILL, running.daemon.url, key, JSON.stringify(sale)], { stdio: 'ignore' })
  const begun = await untilMade(office, 'key:basket-1')
  till.kill('SIGKILL')
  await once(till, 'exit')
  expect(begun).toMatchObject({ status: 'open', total_amount: '3.00', fiscal: { state: 'pending' } })
  expect((await office.read('key:basket-1')).id).toBe(begun['id'])
  await kill(running.daemon)

  running.daemon = await runDaemon(config)
  const found = await office.read('key:basket-1')
  expect(found).toMatchObject({ id: begun['id'], status: 'open', line_items: [{ total_amount: '3.00' }] })
  const again = await office.call({ path: '/v1/operations', body: sale, key: 'basket-1' })
  expect([again.json['id'], again.headers.get('idempotent-replayed')]).toEqual([found.id, 'true'])
  const call = { ...completion({ id: 'key:basket-1' }, [pay('cash', '3.00')]), ifMatch: found.resource_version }
  expect((await office.call(call)).json).toMatchObject({ id: found.id, fiscal: { state: 'succeeded' } })
  await kill(running.daemon)

  running.daemon = await runDaemon(config)
  expect(await office.read('key:basket-1')).toMatchObject({ id: found.id, status: 'completed' })
  await kill(running.daemon)
  const state = join(dirname(config), 'state')
  expect(await verifyJournal(state)).toMatchObject({ valid: true })
})

async function untilMade(office: Client, id: string): Promise<Members> {
  for (let polls = 0; polls < 1000; polls++) {
    const { status, json } = await office.call({ path: `/v1/operations/${id}` })
    if (status === 200) return json
  }
  throw new Error('the create was never begun')
}

/** The id of the operation that corrects this one. */
async function untilCorrecting(office: Client, corrected: string): Promise<string> {
  for (let polls = 0; polls < 1000; polls++) {
    const events = (await office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
    const correcting = events.find(({ body }) => body.includes(`"corrects_operation_id":"${corrected}"`))
    if (correcting !== undefined) return correcting.op
  }
  throw new Error('the correction was never recorded')
}

async function untilIntended(office: Client, op: string): Promise<void> {
  for (let polls = 0; polls < 1000; polls++) {
    const events = (await office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
    if (events.some((event) => event.op === op && event.body.includes('"name":"finish"'))) return
  }
  throw new Error('the finish was never intended')
}
