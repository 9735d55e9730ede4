// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT, germanMerchant } from './bench.ts'
import type { Answer, Call, Client } from './client.ts'
import { completion, voiding } from './client.ts'
import { event, goods, pay } from './goods.ts'

const STORED_HEADERS = ['content-type', 'etag', 'location']

function keptDocument({ status, headers, text }: Answer) {
  return { status, text, headers: STORED_HEADERS.map((name) => headers.get(name)) }
}

type Sent = { client: Client; call: Call; answer: Answer }

/** One request of every kind that changes something, each under its key, in the order of a shift. */
async function everyKind(bench: Bench): Promise<Sent[]> {
  const sent: Sent[] = []
  const send = async (client: Client, call: Call): Promise<string> => {
    const keyed = { key: `key-${sent.length}`, ...call }
    const answer = await client.call(keyed)
    expect(answer.status, answer.text).toBeLessThan(300)
    sent.push({ client, call: keyed, answer })
    return String(answer.json['id'])
  }
  const { office } = bench
  const patch = (path: string, body: unknown): Promise<string> => send(office, { method: 'PATCH', path, body })
  // The scope of a key is the merchant: the first is made while there is none.
  const merchant = String((await office.post('/v1/merchants', GERMAN_MERCHANT))['id'])
  await patch(`/v1/merchants/${merchant}`, { legal_name: 'Neu' })
  const location = await send(office, { path: '/v1/locations', body: GERMAN_LOCATION })
  await patch(`/v1/locations/${location}`, { name: 'Neu' })
  const id = await send(office, { path: '/v1/registers', body: { location_id: location, name: 'K' } })
  await patch(`/v1/registers/${id}`, { name: 'Neu' })
  await send(office, { path: `/v1/registers/${id}/fiscalize`, body: {} })
  const key = String(sent.at(-1)?.answer.json['register_api_key'])
  const till = bench.client({ 'X-Register-Api-Key': key })
  const operation = (body: unknown): Promise<string> => send(till, { path: '/v1/operations', body })
  await operation(event('session_open', id, { opening_balance_amount: '50.00' }))
  const sale = { id: await operation(goods('sale', id, [['1.00', '0.07']])) }
  await send(till, completion(sale, [pay('cash', '1.00')]))
  const given = { id: await operation(goods('sale', id, [['1.00', '0.07']])) }
  await send(till, { ...voiding(given), method: 'PATCH' })
  await operation(event('session_cash_adjustment', id, { cash_amount: '-1.00' }))
  await send(till, { path: '/v1/cash-drawer-openings', body: { occurred_at: '2026-03-02T08:00:00Z' } })
  await send(office, {
    path: '/v1/exports',
    body: { type: 'journal', from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' },
  })
  await operation(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await operation(event('session_close', id, { business_date: today() }))
  await send(office, { path: `/v1/registers/${id}/decommission`, body: {} })
  return sent
}

test('every kind of change replays its answer byte for byte, also after a restart, and changes nothing', async () => {
  await using bench = await Bench.open()
  const sent = await everyKind(bench)
  await bench.until(async () => (await bench.office.get(`/v1/exports/${exportOf(sent)}`))['status'] === 'completed')
  const replayAll = async (): Promise<void> => {
    const head = bench.head()
    for (const { client, call, answer } of sent) {
      const again = await client.call(call)
      const { register_api_key, ...shown } = answer.json
      const text = register_api_key === undefined ? answer.text : JSON.stringify(shown)
      expect(keptDocument(again), call.path).toEqual(keptDocument({ ...answer, text }))
      expect(again.headers.get('idempotent-replayed')).toBe('true')
    }
    expect(bench.requestedSince(head)).toEqual([])
  }
  await replayAll()
  await bench.restart()
  await replayAll()
})

function exportOf(sent: readonly Sent[]): string {
  return String(sent.find(({ call }) => call.path === '/v1/exports')?.answer.json['id'])
}

test('the same key for another request is a conflict; for another route or merchant it is another key', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = goods('sale', id, [['1.00', '0.07']])
  const made = await till.create(sale, 'k')
  const refusal = await till.refused({ path: '/v1/operations', body: { ...sale, note: 'other' }, key: 'k' })
  expect([refusal.status, refusal.code, refusal.retryable]).toEqual([409, 'idempotency_key_conflict', false])
  const done = completion(made, [pay('cash', '1.00')])
  expect((await till.call({ ...done, key: 'k' })).status).toBe(200)
  const patched = await till.refused({ ...done, key: 'k', method: 'PATCH' })
  expect(patched.code).toBe('idempotency_key_conflict')
  const second = await till.create(sale, 'k2')
  expect((await till.refused({ ...completion(second, [pay('cash', '1.00')]), key: 'k' })).code).toBe(
    'idempotency_key_conflict',
  )
})

test('the conflict of a key says what differs, what became of the first request, and how to read it', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = goods('sale', id, [['1.00', '0.07']])
  const { id: op } = await till.create(sale, 'sale-1')
  const payments = [pay('cash', '1.00')]
  const by = (named: string): Call => ({ ...completion({ id: named }, payments), key: 'complete-1' })
  expect((await till.call(by('key:sale-1'))).status).toBe(200)
  const first = { path: `/v1/operations/${op}/complete`, status: 'completed', read: `/v1/operations/${op}` }
  const conflictOf = async (call: Call) => {
    const { code, details, message, fiscal_effect: effect } = await till.refused(call)
    expect([code, effect, details['first']]).toEqual(['idempotency_key_conflict', 'none', first])
    expect(message).toMatch(
      new RegExp(`used for ${first.path} with another .* ${op} is completed: .* GET ${first.read}`),
    )
    return details['differs']
  }
  expect(await conflictOf({ ...by('key:sale-1'), method: 'PATCH' })).toEqual(['method'])
  expect(await conflictOf(by('key%3Asale-1'))).toEqual(['path'])
  expect(await conflictOf({ ...by('key%3asale-1'), method: 'PATCH' })).toEqual(['method', 'path'])
  // The journal has neither the key nor the path: one of both.
  expect(await conflictOf(by(op))).toEqual(['path', 'body'])
  expect(await conflictOf({ ...by('key:sale-1'), body: { payments: [pay('card', '1.00')] } })).toEqual(['path', 'body'])
  expect(await till.read(op)).toMatchObject({ status: 'completed' })

  // The same by the id first; a create has one path.
  const second = await till.create(sale, 'sale-2')
  expect((await till.call({ ...completion(second, payments), key: 'complete-2' })).status).toBe(200)
  const byKey = { ...completion({ id: 'key:sale-2' }, payments), key: 'complete-2' }
  expect((await till.refused(byKey)).details['differs']).toEqual(['path'])
  const other = { path: '/v1/operations', body: { ...sale, note: 'other' }, key: 'sale-2' }
  const { details } = await till.refused(other)
  expect(details['first']).toEqual({ path: '/v1/operations', status: 'completed', read: `/v1/operations/${second.id}` })
  expect(details['differs']).toEqual(['body'])
  const opening = { path: `/v1/registers/${id}/cash-drawer-openings`, body: { occurred_at: '2026-03-02T08:00:00Z' } }
  const { id: opened } = (await till.call({ ...opening, key: 'd' })).json
  const later = { ...opening, body: { occurred_at: '2026-03-02T09:00:00Z' }, key: 'd' }
  expect((await till.refused(later)).details['first']).toEqual({
    ...{ path: opening.path, status: 'done', read: `/v1/cash-drawer-openings/${opened}` },
  })
})

test('a request that named no merchant finds its answer also after a second merchant came', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const call: Call = { path: '/v1/locations', body: GERMAN_LOCATION, key: 'k' }
  const answer = await office.call(call)
  await office.post('/v1/merchants', germanMerchant(1))
  const again = await office.call(call)
  expect(keptDocument(again)).toEqual(keptDocument(answer))
  expect((await office.refused({ ...call, key: 'k2' })).code).toBe('invalid_request')
})

test('bodies are compared as canonical JSON, and If-Match is not part of the request', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const body = goods('sale', id, [['1.00', '0.07']])
  const made = await till.create(body, 'k')
  const turned = JSON.stringify(Object.fromEntries(Object.entries(body).reverse()), null, 2)
  const again = await till.call({ path: '/v1/operations', body: turned, key: 'k' })
  expect([again.status, again.json['id'], again.headers.get('idempotent-replayed')]).toEqual([201, made.id, 'true'])
  const done = { ...completion(made, [pay('cash', '1.00')]), key: 'k' }
  const first = await till.call(done)
  const { ifMatch, ...without } = done
  expect(ifMatch).toBe(1)
  for (const call of [without, { ...without, ifMatch: 7 }]) expect((await till.call(call)).text).toBe(first.text)
})

test('a refusal leaves its key free', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const wrong = goods('sale', id, [['1.00', '0.07']], { total_amount: '2.00' })
  const head = bench.head()
  expect((await till.refused({ path: '/v1/operations', body: wrong, key: 'k' })).code).toBe('amount_mismatch')
  expect((await till.refused({ path: '/v1/operations', body: { type: 'sale' }, key: 'k' })).status).toBe(400)
  expect(bench.requestedSince(head)).toEqual([])
  const made = await till.create(goods('sale', id, [['1.00', '0.07']]), 'k')
  const done = completion(made, [pay('cash', '1.00')])
  expect((await till.refused({ ...done, ifMatch: 2 })).code).toBe('precondition_failed')
  expect((await till.refused({ ...done, body: { payments: [pay('cash', '0.99')] } })).code).toBe(
    'payment_total_mismatch',
  )
  expect((await till.call(done)).status).toBe(200)
})

test('two requests with one key at the same instant make one operation and get one answer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const create = { path: '/v1/operations', body: goods('sale', id, [['1.00', '0.07']]), key: 'k' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => till.call(create)))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(answers.filter(({ headers }) => headers.has('idempotent-replayed'))).toHaveLength(7)
  expect(await till.list('/v1/operations?type=sale')).toHaveLength(1)
  const done = completion({ id: String(answers[0]?.json['id']) }, [pay('cash', '1.00')])
  const ends = await Promise.all(Array.from({ length: 8 }, () => till.call(done)))
  expect(new Set(ends.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '51.00' })
})

test('the scope of a key is the merchant, also if the merchant itself is changed', async () => {
  await using bench = await Bench.open()
  const [{ merchantId: one }, { merchantId: other }] = [await bench.shop(), await bench.shop()]
  for (const id of [one, other]) {
    const office = bench.office.forMerchant(id)
    const call = { method: 'PATCH', path: `/v1/merchants/${id}`, body: { legal_name: 'Neu' }, key: 'k-1' } as const
    expect((await office.call(call)).status).toBe(200)
    expect((await office.call(call)).headers.get('idempotent-replayed')).toBe('true')
  }
})
