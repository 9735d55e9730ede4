// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { signed } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

test('the receipt carries the data that § 6 KassenSichV requires, as JSON and as text', async () => {
  await using bench = await Bench.open()
  const { id, till, clientId } = await bench.till()
  const sale = goods('sale', id, [
    ['4.50', '0.07', { title: 'Roggenbrot' }],
    ['2.00', '0.19', { title: 'Kaffee' }],
  ])
  const done = await till.complete(await till.create(sale), [pay('cash', '10.00'), pay('cash', '-3.50')])
  const facts = signed(done)
  const path = `/v1/operations/${done.id}/receipt`
  const json = await till.get(path)
  expect(json).toMatchObject({ operation_id: done.id, language: 'de', copy: false, qr: facts.verification.qr_data })
  const { text, headers } = await till.call({ path, headers: { Accept: 'text/plain' } })
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const joined = text.replaceAll('\n', '')
  for (const needed of ['Bäckerei Muster GmbH', 'Hauptstraße 1', 'Roggenbrot', 'Kaffee', '4,50', '10,00', '-3,50'])
    expect(joined).toContain(needed)
  for (const needed of [clientId, facts.tss_serial_number, facts.end_event.signature, facts.document_number])
    expect(joined).toContain(needed)
  for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(42)
  expect((await till.call({ path: `${path}?format=text`, headers: { Accept: 'application/json' } })).text).toBe(text)
})

test('the receipt is in the requested language', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const done = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('card', '1.00')])
  const path = `/v1/operations/${done.id}/receipt`
  const titles = await Promise.all(
    ['de', 'en', 'it'].map(async (one) => (await till.get(`${path}?language=${one}`))['title']),
  )
  expect(new Set(titles).size).toBe(3)
  const english = await till.call({ path, headers: { 'Accept-Language': 'en-GB,de;q=0.5' } })
  expect(english.json).toMatchObject({ language: 'en', title: titles[1] })
})

test('session events, voids and ONLINE sales have a receipt too', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const given = await till.void(await till.create(goods('sale', id, [['1.00', '0.07']])))
  const count = await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  for (const operation of [given, count]) {
    const receipt = await till.get(`/v1/operations/${operation.id}/receipt`)
    expect(receipt).toMatchObject({ operation_id: operation.id, qr: signed(operation).verification.qr_data })
  }
  const online = await bench.office.create(goods('sale', null, [['1.00', '0.07']]))
  await bench.office.complete(online, [pay('online', '1.00')])
  expect(await bench.office.get(`/v1/operations/${online.id}/receipt`)).toMatchObject({ qr: null })
})

test('the receipt of a void takes back the prices and discounts of the sale, and no others', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const less = { unit_price: '10.00', discounts: [{ amount: '2.00' }] }
  const cart = { cart_level_discounts: [{ amount: '3.00' }, { amount: '2.00' }] }
  const lines = [
    ['27.00', '0.07'],
    ['18.00', '0.19'],
    ['8.00', '0.19', less],
  ] as const
  const done = await till.complete(await till.create(goods('sale', id, lines, cart)), [
    pay('gift_card', '53.00', { gift_card_id: 'GC-1' }),
  ])
  const given = await till.create(event('void', id, { related_operation_id: done.id }))
  const valuesOf = async (operation: { id: string }) => {
    const { lines: told, offsets: cards } = await till.get(`/v1/operations/${operation.id}/receipt`)
    return [told, cards].flatMap((rows) => (rows as Members[]).map(({ kind, value }) => [kind, Number(value)]))
  }
  const turned = (await valuesOf(done)).map(([kind, value]) => [kind, -Number(value)])
  expect(turned).toHaveLength(9)
  expect(await valuesOf(given)).toEqual(turned)
})

test('the receipt comes in every form, and its code is the one that was signed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const done = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('card', '1.00')])
  const path = `/v1/operations/${done.id}/receipt`
  const escpos = await till.call({ path, headers: { Accept: 'application/vnd.escpos' } })
  expect(escpos.text).toContain(signed(done).verification.qr_data)
  for (const type of ['application/pdf', 'image/png', 'text/html; charset=utf-8']) {
    const { status, headers } = await till.call({ path, headers: { Accept: type.split(';')[0] } })
    expect([status, headers.get('content-type')]).toEqual([200, type])
  }
})

test('an opening of the drawer has a slip', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const body = { register_id: id, occurred_at: '2026-03-02T08:00:00Z', reason: 'Wechselgeld' }
  const { json } = await till.call({ method: 'POST', path: '/v1/cash-drawer-openings', body })
  const slip = await till.call({ path: `/v1/operations/${String(Object(json)['id'])}/receipt?format=text` })
  expect([slip.status, slip.text]).toEqual([200, expect.stringMatching(/Schubladenöffnung[\s\S]*Wechselgeld/)])
})
