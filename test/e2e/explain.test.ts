// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Call } from './client.ts'
import { completion, processData, voiding } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

function dry(call: Call): Call {
  return { ...call, headers: { Prefer: 'dry-run' } }
}

function cart(id: string) {
  return goods(
    'sale',
    id,
    [
      ['27.00', '0.07', { title: 'Torte', unit_price: '30.00' }],
      ['18.00', '0.19', { title: 'Sekt', quantity: 2, unit_price: '10.00' }],
    ],
    { cart_level_discounts: [{ description: 'Aktion', amount: '5.00' }], tip_amount: '1.00' },
  )
}

function payments() {
  return [pay('gift_card', '20.00', { gift_card_id: 'GC-1' }), pay('cash', '26.00')]
}

test('explain shows how discount, tip, voucher and rounding flow into each VAT key, as it is signed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const done = await till.complete(await till.create(cart(id)), payments())
  const told = await till.get(`/v1/operations/${done.id}/explain`)
  expect(told).toMatchObject({
    document_type: 'Beleg',
    total: '26.00',
    process_data: processData(done),
    payments: [{ type: 'Bar', name: 'Bargeld', amount: '26.00' }],
    taxes: [
      {
        vat_key: 1,
        bucket: 1,
        gross: '18.00',
        exact_tax: '2.87394958',
        tax: '2.87',
        rounding: '-0.00394958',
        net: '15.13',
        parts: [
          { business_case: 'Umsatz', amount: '20.00' },
          { business_case: 'Rabatt', amount: '-2.00' },
        ],
      },
      { vat_key: 2, gross: '27.00', tax: '1.77' },
      {
        vat_key: 5,
        bucket: 5,
        gross: '-19.00',
        tax: '0.00',
        parts: [
          { business_case: 'TrinkgeldAN', amount: '1.00' },
          { business_case: 'MehrzweckgutscheinEinloesung', amount: '-20.00' },
        ],
      },
    ],
  })
  const [cake] = told['lines'] as { item: object }[]
  expect(cake).toMatchObject({
    business_case: 'Umsatz',
    amounts: [{ vat_key: 2, amount: '30.00' }],
    item: {
      line_item_id: expect.stringMatching(/^li_/),
      list: '30.00',
      line_discounts: '0.00',
      rounding: '0.00',
      cart_discounts: '-3.00',
      sent_total: '27.00',
    },
  })
  expect(JSON.stringify(told['notes'])).toContain('not taxable')
  const reversal = await till.create(event('void', id, { related_operation_id: done.id }))
  const turned = await till.get(`/v1/operations/${reversal.id}/explain`)
  expect(turned).toMatchObject({ total: '-26.00', process_data: processData(reversal) })
  expect((turned['lines'] as { item: object }[])[0]).toMatchObject({ item: { list: '-30.00', sent_total: '-27.00' } })
})

test('prices that are after a discount of the cart are explained without a rounding', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const lines = [
    ['27.00', '0.07'],
    ['18.00', '0.19', { quantity: 2, unit_price: '9.00' }],
  ] as const
  const open = await till.create(goods('sale', id, lines, { cart_level_discounts: [{ amount: '5.00' }] }))
  const explained = await till.get(`/v1/operations/${open.id}/explain`)
  expect((explained['lines'] as { item: object }[]).slice(0, 2)).toMatchObject([
    { item: { list: '30.00', rounding: '0.00', cart_discounts: '-3.00', sent_total: '27.00' } },
    { item: { list: '20.00', rounding: '0.00', cart_discounts: '-2.00', sent_total: '18.00' } },
  ])
})

test('goods that come back for nothing, their discount being all of the price, are explained without a rounding', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const given = { quantity: -1, unit_price: '10.00', discounts: [{ amount: '10.00' }] }
  const back = await till.create(goods('return', id, [['0.00', '0.19', given]], elsewhere))
  const { lines } = await till.get(`/v1/operations/${back.id}/explain`)
  expect((lines as { item: object }[])[0]).toMatchObject({
    item: { list: '-10.00', line_discounts: '10.00', rounding: '0.00', sent_total: '0.00' },
  })
})

test('explain of an open, a voided and a session operation states the known members of each', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(cart(id))
  const path = `/v1/operations/${open.id}/explain`
  expect(await till.get(path)).toMatchObject({ total: '46.00', process_data: null, payments: [] })
  await till.void(open)
  expect(await till.get(path)).toMatchObject({ document_type: 'AVBelegabbruch', total: '0.00', taxes: [] })
  const count = await till.create(event('session_cash_count', id, { counted_closing_amount: '49.00' }))
  expect(await till.get(`/v1/operations/${count.id}/explain`)).toMatchObject({
    lines: [{ business_case: 'DifferenzSollIst', amounts: [{ vat_key: 5, amount: '-1.00' }] }],
    total: '-1.00',
  })
  const closed = await till.create(event('session_close', id, { business_date: today() }))
  expect(await till.get(`/v1/operations/${closed.id}/explain`)).toMatchObject({ document_type: null, lines: [] })
  expect(await till.refused({ path: '/v1/operations/op_none/explain' })).toMatchObject({ status: 404 })
})

test('a zero receipt on request is refused in the name of the law', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const zero = { path: `/v1/registers/${id}/closings`, body: { type: 'zero' }, key: 'zero-1' }
  expect(await till.refused(zero)).toMatchObject({
    code: 'unprocessable_entity',
    message: 'German law has no zero receipts on request.',
  })
})

test('a dry run checks and shows what would be, and leaves no trace: no event, no device, no key', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(cart(id))
  const head = bench.head()
  const create = dry({ path: '/v1/operations', body: cart(id), key: 'one' })
  const shown = await till.call(create)
  expect([shown.status, shown.headers.get('preference-applied'), shown.headers.get('etag')]).toEqual([
    200,
    'dry-run',
    null,
  ])
  expect(shown.json).toMatchObject({ status: 'open', total_amount: '46.00', explanation: { total: '46.00' } })
  expect(await till.refused({ path: `/v1/operations/${String(shown.json['id'])}` })).toMatchObject({ status: 404 })
  const complete = await till.call(dry({ ...completion(open, payments()), key: undefined as unknown as string }))
  expect(complete.json).toMatchObject({
    status: 'completed',
    resource_version: 2,
    fiscal_information: null,
    explanation: { process_data: 'Beleg^18.00_27.00_0.00_0.00_-19.00^26.00:Bar' },
  })
  expect((await till.call(dry(voiding(open)))).json).toMatchObject({ status: 'voided' })
  const count = dry({
    path: '/v1/operations',
    body: event('session_cash_count', id, { counted_closing_amount: '1.00' }),
  })
  expect(await till.refused(count)).toMatchObject({ status: 409, code: 'open_operations' })
  expect(await till.read(open.id)).toMatchObject({ status: 'open', resource_version: 1 })
  expect(bench.requestedSince(head)).toEqual([])
  const device = await bench.agent.administration.deviceAct('tse-1', 'status')
  expect(device).toMatchObject({ health: { open_transactions: 1 } })
  // The key of the trial is free: the same request under it happens now.
  const { status, headers } = await till.call({ path: '/v1/operations', body: cart(id), key: 'one' })
  expect([status, headers.get('idempotent-replayed')]).toEqual([201, null])
})

test('a dry run is refused by the same rules as the request, and if nothing could be tried', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const wrong = { ...cart(id), total_amount: '45.00' }
  expect(await till.refused(dry({ path: '/v1/operations', body: wrong }))).toMatchObject({ code: 'amount_mismatch' })
  const close = dry({ path: '/v1/operations', body: event('session_close', id, { business_date: today() }) })
  expect(await till.refused(close)).toMatchObject({ status: 409, code: 'session_not_counted' })
  const closing = dry({ path: `/v1/registers/${id}/closings`, body: {} })
  expect(await till.refused(closing)).toMatchObject({ status: 400, code: 'invalid_request' })
})

test('a request for a trial in another form of RFC 7240 is tried or refused, and never executed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const head = bench.head()
  const preferred = (Prefer: string): Call => ({ path: '/v1/operations', body: cart(id), headers: { Prefer } })
  for (const form of ['Dry-Run', 'wait=5, dry-run', 'dry-run; of=sale', 'return=minimal,dry-run;x'])
    expect((await till.call(preferred(form))).headers.get('preference-applied'), form).toBe('dry-run')
  for (const form of ['dry-run=true', 'dry-run = 1', 'wait=5, dry-run="yes"', 'dry-run=false', 'dry-run, dry-run=0'])
    expect(await till.refused(preferred(form)), form).toMatchObject({ status: 400, details: { reason: 'header' } })
  expect(bench.requestedSince(head)).toEqual([])
  for (const form of ['respond-async', 'x=dry-run', 'no-dry-run', ''])
    expect((await till.call(preferred(form))).status, form).toBe(201)
})

test('trials take no place in the queue of a device', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  for (let count = 0; count < 100; count++)
    expect((await till.call(dry({ path: '/v1/operations', body: cart(id) }))).status).toBe(200)
  expect((await till.create(cart(id))).status).toBe('open')
})

test('a dry run works under a law that chains receipts too: nothing moves the chain', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const open = await till.create(goods('sale', id, [['3.00', '0.2']]))
  const head = bench.head()
  const shown = await till.call(dry(completion(open, [pay('cash', '3.00')])))
  expect([shown.status, shown.json['status'], shown.json['fiscal_information']]).toEqual([200, 'completed', null])
  expect(bench.requestedSince(head)).toEqual([])
  expect(await till.refused({ path: `/v1/operations/${open.id}/explain` })).toMatchObject({ status: 422 })
  expect((await till.complete(open, [pay('cash', '3.00')])).fiscal.state).toBe('succeeded')
})
