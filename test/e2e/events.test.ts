// @module-tag heavy
import { expect, test } from 'vitest'
import { CHANGE_KINDS, change } from '../../agent/contract/change.ts'
import { today } from '../today.ts'
import { Bench } from './bench.ts'
import { ChangeReader } from './change-reader.ts'
import { event, goods, pay } from './goods.ts'

function bearer(key: string) {
  return { Authorization: `Bearer ${key}` }
}

test('a shift is streamed as it happens: each change once, in order, small and without any text of the customer', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till, key } = await bench.register(locationId)
  const reader = await ChangeReader.open(bench.url, { 'X-Register-Api-Key': key })
  expect([reader.status, reader.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  expect(reader.headers.get('cache-control')).toBe('no-store')

  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const sale = await till.create({ ...goods('sale', id, [['4.50', '0.07']]), customer: { name: 'Canary Customer' } })
  await till.complete(sale, [pay('cash', '4.50')])
  await till.void(await till.create(goods('sale', id, [['9.00', '0.07']])))
  await till.create(event('session_cash_count', id, { counted_closing_amount: '54.50' }))
  const closed = await till.create(event('session_close', id, { business_date: today() }))
  await reader.until(() => reader.words().includes('session.changed closed'))
  await bench.until(async () => (await till.read(closed.id)).fiscal.state !== 'pending')

  const ofSale = reader.told.filter(({ data }) => data.id === sale.id)
  expect(ofSale.map(({ event: kind, data }) => `${kind} ${data.state}`)).toEqual([
    'operation.created open',
    'operation.completed completed',
    'operation.fiscal succeeded',
  ])
  const ofClose = reader.told.filter(({ data }) => data.id === closed.id)
  expect(ofClose.map(({ event: kind }) => kind)).toEqual(['operation.completed'])
  expect(reader.words().filter((word) => word.startsWith('session'))).toEqual([
    'session.changed open',
    'session.changed counted',
    'session.changed closed',
  ])
  expect(reader.words()).toContain('operation.voided voided')
  const seqs = reader.told.map(({ data }) => data.seq)
  expect(seqs).toEqual([...seqs].sort((left, right) => left - right))
  for (const { event: kind, data } of reader.told) {
    expect(CHANGE_KINDS).toHaveProperty([kind])
    change.parse(data)
  }
  expect(JSON.stringify(reader.told)).not.toContain('Canary')
  reader.close()
})

test('a reader that was cut off continues after the last change it had, also after a restart of the agent', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const first = await ChangeReader.open(bench.url, bearer(bench.platformKey))
  const sale = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await first.until(() => first.words().includes('operation.created open'))
  const { lastEventId } = first
  first.close()
  await till.complete(sale, [pay('cash', '4.50')])
  await bench.restart()

  const second = await ChangeReader.open(bench.url, { ...bearer(bench.platformKey), 'Last-Event-ID': lastEventId })
  await second.until(() => second.words().includes('device.changed ready'))
  expect(second.words().slice(0, 2)).toEqual(['operation.completed completed', 'operation.fiscal succeeded'])
  expect(second.told.every(({ data }) => data.seq > Number(lastEventId))).toBe(true)
  // A change and its sibling of the same event come together again: only the last of them carries the place.
  expect(second.told.slice(0, 2).map(({ id: place }) => place === undefined)).toEqual([true, false])
  second.close()

  const all = await ChangeReader.open(bench.url, { ...bearer(bench.platformKey), 'Last-Event-ID': '0' })
  await all.until(() => all.told.length > 8)
  expect(all.words().slice(0, 4)).toContain('merchant.changed active')
  all.close()
})

test('a place that the journal never had is reported as a reset, and the next changes follow', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const headers = { ...bearer(bench.platformKey), 'Last-Event-ID': '999999' }
  const reader = await ChangeReader.open(bench.url, headers)
  await reader.until(() => reader.told.length === 1)
  expect(reader.told[0]).toMatchObject({ event: 'reset' })
  await till.create(goods('sale', id, [['4.50', '0.07']]))
  await reader.until(() => reader.words().includes('operation.created open'))
  reader.close()
})

test("a register's key receives its own register and the devices, and nothing else", async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const own = await bench.register(locationId)
  const other = await bench.register(locationId)
  const reader = await ChangeReader.open(bench.url, { 'X-Register-Api-Key': own.key, 'Last-Event-ID': '0' })
  await other.till.create(event('session_open', other.id, { opening_balance_amount: '1.00' }))
  await bench.fault('unplugged@*')
  await own.till.create(event('session_open', own.id, { opening_balance_amount: '2.00' }))
  await reader.until(() => reader.words().includes('device.changed down'))
  await reader.until(() => reader.words().includes('session.changed open'))
  const text = JSON.stringify(reader.told)
  expect(text).toContain(own.id)
  expect(text).not.toContain(other.id)
  expect(reader.words().join(' ')).not.toMatch(/merchant|location|export/)
  reader.close()
})

test('a platform key that names no merchant receives all, also a later one; one that names it, only that', async () => {
  await using bench = await Bench.open()
  const { merchantId } = await bench.shop()
  const all = await ChangeReader.open(bench.url, bearer(bench.platformKey))
  const one = await ChangeReader.open(bench.url, { ...bearer(bench.platformKey), 'X-OpenFiskal-Merchant': merchantId })
  const second = await bench.shop()
  await bench.office.forMerchant(merchantId).patch(`/v1/merchants/${merchantId}`, { legal_name: 'Bäckerei Neu GmbH' })
  await all.until(() => all.told.length === 3)
  await one.until(() => one.told.length === 1)
  expect(all.told.map(({ data }) => data.id)).toEqual([second.merchantId, second.locationId, merchantId])
  expect(one.told.map(({ data }) => data.id)).toEqual([merchantId])
  all.close()
  one.close()
})

test('the stream of a key ends when the key is revoked, and needs a key', async () => {
  await using bench = await Bench.open()
  const key = await bench.agent.administration.createKey('platform')
  const reader = await ChangeReader.open(bench.url, bearer(key.key))
  await bench.agent.administration.revokeKey(key.id)
  await reader.ended()
  const refused = await ChangeReader.open(bench.url, bearer(key.key))
  const keyless = await ChangeReader.open(bench.url, {})
  expect([reader.status, refused.status, keyless.status]).toEqual([200, 401, 401])
})

test('a tool reads the events that exist and gets the end of the answer, by each key', async () => {
  await using bench = await Bench.open()
  const { id, till, key } = await bench.till()
  await till.create(goods('sale', id, [['4.50', '0.07']]))
  const path = '/v1/events?follow=false'
  for (const headers of [bearer(bench.platformKey), { 'X-Register-Api-Key': key }]) {
    const all = await ChangeReader.open(bench.url, { ...headers, 'Last-Event-ID': '0' }, path)
    await all.ended()
    expect(all.words()).toContain('operation.created open')
    const rest = await ChangeReader.open(bench.url, { ...headers, 'Last-Event-ID': all.lastEventId }, path)
    const none = await ChangeReader.open(bench.url, headers, path)
    await Promise.all([rest.ended(), none.ended()])
    expect([rest.told, none.told]).toEqual([[], []])
    expect(none.lastEventId).toBe(all.lastEventId)
  }
})

test('a malformed place is refused, and a look at the head alone opens nothing', async () => {
  await using bench = await Bench.open()
  const refused = await bench.office.refused({ path: '/v1/events', headers: { 'Last-Event-ID': 'x' } })
  expect(refused).toMatchObject({ code: 'invalid_request', details: { reason: 'header' } })
  const head = await fetch(new URL('/v1/events', bench.url), { method: 'HEAD', headers: bearer(bench.platformKey) })
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
})

test('an orderly stop of the agent does not wait for those who watch', async () => {
  await using bench = await Bench.open()
  const reader = await ChangeReader.open(bench.url, bearer(bench.platformKey))
  await bench.stop()
  await reader.ended()
})
