// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { RawConnection } from '../http/raw-client.ts'
import { today } from '../today.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Call, Members } from './client.ts'
import { completion } from './client.ts'
import { FastClock } from './fast-clock.ts'
import { event, goods, pay } from './goods.ts'

function operation(body: unknown, more: Partial<Call> = {}): Call {
  return { path: '/v1/operations', body, ...more }
}

test('a counted session takes only its close', async () => {
  await using other = await Bench.open()
  const { id, till } = await other.till()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  const calls = [
    goods('sale', id, [['1.00', '0.07']]),
    event('session_cash_adjustment', id, { cash_amount: '1.00' }),
    event('session_cash_count', id, { counted_closing_amount: '50.00' }),
    event('session_open', id, { opening_balance_amount: '50.00' }),
  ]
  for (const body of calls) expect((await till.refused(operation(body))).code).toBe('session_already_counted')
  await till.create(event('session_close', id, { business_date: today() }))
})

test('a session event with a missing or wrong register is refused for that before any rule', async () => {
  await using other = await Bench.open()
  const { id, till } = await other.till()
  const broken = [
    { type: 'session_open', opening_balance_amount: '-1.00' },
    { type: 'session_cash_adjustment', cash_amount: '0.00' },
    { type: 'session_cash_count', counted_closing_amount: '0.001' },
    { type: 'session_close', business_date: today(), closing_adjustment_amount: '0.001' },
  ].map(({ type, ...more }) => event(type, 'reg_none', more))
  const { location_id } = await other.office.get(`/v1/registers/${id}`)
  const { id: foreign } = await other.office.post('/v1/registers', { location_id, name: 'Kasse 2' })
  for (const body of [...broken, ...broken.map((one) => ({ ...one, currency: 'USD' }))]) {
    const missing = await other.office.refused(operation(body))
    expect([missing.status, missing.details['resource']]).toEqual([404, 'register'])
    expect((await till.refused(operation({ ...body, register_id: foreign }))).code).toBe('not_found')
    expect((await till.refused(operation({ ...body, register_id: id }))).status).toBe(422)
  }
})

test('an idempotency key belongs to its register or its platform key: no other key reads the answer', async () => {
  await using other = await Bench.open()
  const first = await other.till()
  const { location_id } = await other.office.get(`/v1/registers/${first.id}`)
  const second = await other.register(String(location_id))
  const call = operation(goods('sale', first.id, [['1.00', '0.07']]), { key: 'k' })
  const { text } = await first.till.call(call)
  expect(await second.till.refused(call)).toMatchObject({ status: 404, code: 'not_found', fiscal_effect: 'none' })
  expect((await first.till.call(call)).text).toBe(text)
  const byOffice = await other.office.call(call)
  expect([byOffice.status, byOffice.text === text]).toEqual([201, false])
  expect((await other.office.call(call)).text).toBe(byOffice.text)
  const online = operation(goods('sale', null, [['1.00', '0.07']]), { key: 'online' })
  expect((await other.office.call(online)).status).toBe(201)
  expect((await first.till.refused(online)).code).toBe('forbidden')
})

test('an address that guesses keys must wait', async () => {
  await using other = await Bench.open()
  const guess = other.client({ Authorization: 'Bearer ofk_platform_x' })
  for (let tries = 0; tries < 10; tries++) expect((await guess.call({ path: '/v1/operations' })).status).toBe(401)
  const refused = await guess.call({ path: '/v1/operations' })
  expect([refused.status, refused.json['code'], refused.json['retryable']]).toEqual([429, 'rate_limit_exceeded', true])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  expect((await other.office.call({ path: '/v1/merchants' })).status).toBe(200)
})

test('while too many acts wait for a device the till gets a retry time', async () => {
  await using other = await Bench.open()
  const { id, till } = await other.till()
  await other.fault('slow=2000@start')
  const calls = Array.from({ length: 80 }, () => till.call(operation(goods('sale', id, [['1.00', '0.07']]))))
  const answers = await Promise.all(calls)
  const busy = answers.filter(({ status }) => status === 503)
  expect(busy.length).toBeGreaterThan(0)
  for (const { json, headers } of busy) {
    expect(json).toMatchObject({ code: 'fiscal_device_busy', retryable: true, fiscal_effect: 'none' })
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  }
  expect(answers.length - busy.length).toBeGreaterThanOrEqual(64)
  expect(await till.list('/v1/operations?type=sale&limit=200')).toHaveLength(answers.length - busy.length)
})

test('a request that the journal refused waits for no device', async () => {
  await using other = await Bench.open()
  const { id, till } = await other.till()
  const lines = Array.from({ length: 600 }, () => ['0.10', '0.07', { title: '€"'.repeat(300) }] as const)
  const large = operation(goods('sale', id, lines))
  for (let times = 0; times < 65; times++) expect((await till.call(large)).json['code']).toBe('payload_too_large')
  expect((await till.call(operation(goods('sale', id, [['1.00', '0.07']])))).status).toBe(201)
})

test('a client is retired only if its TSE is connected; a lost answer is reported as such and reconciled', async () => {
  await using other = await Bench.open({ clock: new FastClock(20), config: { deadlineMs: 8000 } })
  const { locationId } = await other.shop()
  const { id } = await other.register(locationId)
  const call = { path: `/v1/registers/${id}/decommission`, body: {}, key: 'k' }
  await other.fault('unplugged@*')
  await other.untilDevice('down')
  const away = await other.office.refused(call)
  expect([away.status, away.code, away.fiscal_effect]).toEqual([503, 'fiscal_device_unavailable', 'none'])
  await other.fault('clear')
  await other.untilDevice('ready')
  await other.fault('lost-answer@deregister', 'unplugged@clients')
  const unknown = await other.office.refused(call)
  expect([unknown.status, unknown.code, unknown.fiscal_effect]).toEqual([503, 'reconciling', 'unknown'])
  await other.fault('clear')
  await other.until(async () => (await other.office.call(call)).status === 200)
  expect(await other.office.get(`/v1/registers/${id}`)).toMatchObject({ fiscalization_status: 'decommissioned' })
})

test('a request whose first try has no result at the deadline gets the same answer, until the TSE has answered', async () => {
  await using other = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 1000 } })
  const { locationId } = await other.shop()
  const { id, till } = await other.register(locationId)
  const body = event('session_open', id, { opening_balance_amount: '0.00' })
  await other.fault('slow=60000@start')
  const request = operation(body, { key: 'k' })
  const together = await Promise.all([1, 2].map(() => till.call(request)))
  for (const { status, json } of [...together, await till.call(request)]) {
    expect(status).toBe(201)
    expect(json).toMatchObject({ fiscal: { state: 'pending', receipt_text: 'TSE ausgefallen' } })
  }
})

test('a request whose first try has no answer yet at the deadline is answered with that', async () => {
  await using other = await Bench.open({ clock: new FastClock(10), config: { ...ONE_CARD, deadlineMs: 1000 } })
  const { id, till } = await austrianTill(other)
  const open = await till.create(goods('sale', id, [['1.00', '0.20']]))
  await other.faultAt('card-1', 'slow=60000@sign')
  const request = completion(open, [pay('cash', '1.00')])
  const answers = await Promise.all([1, 2].map(() => till.call(request)))
  const [first, second] = answers.sort((a, b) => a.status - b.status)
  expect([first?.status, first?.json]).toMatchObject([200, { fiscal_information: { security_device_failed: true } }])
  expect(second?.status).toBe(409)
  expect(second?.json).toMatchObject({ code: 'idempotency_key_in_use', retryable: true, fiscal_effect: 'unknown' })
  expect(second?.headers.get('retry-after')).toBe('1')
})

test('if the journal cannot be written the till gets a retry time, and nothing is lost', async () => {
  let broken = false
  await using other = await Bench.open({
    atPoint: (point) => {
      if (broken && point === 'journal.before-commit') throw new Error('EIO')
    },
  })
  const { id, till } = await other.till()
  const sale = operation(goods('sale', id, [['1.00', '0.07']]), { key: 'k' })
  broken = true
  const refusal = await till.refused(sale)
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'storage_unavailable', 'unknown'])
  broken = false
  await other.restart()
  expect((await till.call(sale)).status).toBe(201)
  expect(await till.list('/v1/operations?type=sale')).toHaveLength(1)
})

test('an agent that stops refuses new requests and finishes running ones', async () => {
  await using other = await Bench.open()
  const { id, key } = await other.till()
  const port = Number(new URL(other.url).port)
  const { hostname } = new URL(other.url)
  const request = (body: Members): Buffer => {
    const text = JSON.stringify(body)
    const head = [
      'POST /v1/operations HTTP/1.1',
      `Host: ${hostname}:${port}`,
      `X-Register-Api-Key: ${key}`,
      `Idempotency-Key: ${randomUUID()}`,
      'Content-Type: application/json',
      `Content-Length: ${text.length}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)
  }
  const sale = request(goods('sale', id, [['1.00', '0.07']]))
  await other.fault('slow=500@start')
  const running = new RawConnection(port)
  running.write(sale)
  await other.until(() => other.journal().some(({ kind }) => kind === 'operation.created'))
  const late = new RawConnection(port)
  late.write(sale.subarray(0, 20))
  expect((await fetch(`${other.url}/readyz`)).status).toBe(200)
  const stopping = other.stop()
  late.write(sale.subarray(20))
  const refused = await late.answer()
  expect([refused?.status, JSON.parse(refused?.body ?? '')]).toMatchObject([
    503,
    { code: 'shutting_down', retryable: true },
  ])
  expect((await running.answer())?.status).toBe(201)
  await stopping
})
