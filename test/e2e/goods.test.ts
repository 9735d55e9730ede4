// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { execFileSync } from '../waits.ts'
import { Bench } from './bench.ts'
import { completion, processData, signed, voiding } from './client.ts'
import { checkAnswer } from './contract-check.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

test('a sale comes back under the same names as sent, with an id for every part', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const body = goods(
    'sale',
    id,
    [
      [
        '7.40',
        '0.07',
        { quantity: '0.75', unit_price: '12.000', unit: 'kg', discounts: [{ amount: '0.50' }], gtin: '4' },
      ],
      ['2.00', '0.19', { type: 'service_charge', group: 'Tisch 4' }],
    ],
    {
      cart_level_discounts: [{ description: 'Stammkunde', amount: '1.00' }, { amount: '0.10' }],
      customer: { name: 'Erika Muster', vat_id: 'DE999999999' },
      external_id: 'pos-77',
      note: 'ohne Tüte',
      operator_id: 'u7',
      operator_name: 'Erika',
      metadata: { table: 4, nested: { list: [1, 'zwei', null] } },
    },
  )
  const open = await till.create(body)
  const { line_items, cart_level_discounts, ...rest } = body
  expect(open).toMatchObject(rest)
  expect(open).toMatchObject({ line_items, cart_level_discounts })
  const ids = JSON.stringify(open).match(/"id":"(li|tax|disc)_[0-9A-HJKMNP-TV-Z]{26}"/g)
  expect(new Set(ids).size).toBe(7)
  const done = await till.complete(open, [pay('card', '9.40', { card_brand: 'girocard', scheme: 'girocard' })], {
    customer: { lottery_code: 'ABC' },
  })
  expect(done).toMatchObject({ payments: [{ id: expect.stringMatching(/^pay_/), card_brand: 'girocard' }] })
  expect(done).toMatchObject({ customer: { lottery_code: 'ABC' }, metadata: body['metadata'] })
})

test('a sale always shows its cart discounts, also an empty list; a return never does', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  expect(await till.create(goods('sale', id, [['1.00', '0.07']]))).toMatchObject({ cart_level_discounts: [] })
  const back = await till.create(goods('return', id, [['-1.00', '0.07']], elsewhere))
  expect(back).not.toHaveProperty('cart_level_discounts')
  expect(back).toMatchObject(elsewhere)
})

test('a return refers to a completed operation of the merchant, never to an open, voided or foreign one', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = await till.create(goods('sale', id, [['3.00', '0.07']]))
  const back = (of: string) => goods('return', id, [['-3.00', '0.07']], { related_operation_id: of })
  const refused = async (of: string) => (await till.refused({ path: '/v1/operations', body: back(of) })).code
  expect(await refused(sale.id)).toBe('related_operation_invalid')
  await till.complete(sale, [pay('cash', '3.00')])
  expect(await till.create(back(sale.id))).toMatchObject({ related_operation_id: sale.id })
  const given = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await till.void(given)
  expect(await refused(given.id)).toBe('related_operation_invalid')
  const [opened] = await till.list(`/v1/operations?type=session_open`)
  expect(await refused(String(opened?.['id']))).toBe('related_operation_invalid')
  expect(await refused('op_that_is_nowhere')).toBe('related_operation_invalid')
})

test('an ONLINE sale is recorded and never signed, in no session and in no drawer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await bench.office.create(goods('sale', null, [['10.00', '0.19']]))
  expect(open).toMatchObject({ register_id: null, session_id: null, location_id: null, source: 'ONLINE' })
  expect(open.fiscal).toEqual({ state: 'not_required' })
  const done = await bench.office.complete(open, [pay('online', '10.00')])
  expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null })
  const given = await bench.office.create(goods('sale', null, [['10.00', '0.19']], { register_id: null }))
  expect(await bench.office.void(given)).toMatchObject({ status: 'voided', fiscal: { state: 'not_required' } })
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
  const tar = execFileSync('tar', ['-tf', '-'], { input: await bench.exported('tse_tar') }).toString()
  expect(tar.match(/_Log-Tra_/g)).toHaveLength(2)
})

test('the drawer counts captured cash alone, of goods both ways and of adjustments', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('10.00')
  const expectDrawer = async (amount: string) =>
    expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: amount })
  const sell = async (amount: string, payments: Parameters<typeof till.complete>[1]) =>
    till.complete(await till.create(goods('sale', id, [[amount, '0.19']])), payments)
  await sell('20.00', [pay('cash', '50.00'), pay('cash', '-30.00')])
  await expectDrawer('30.00')
  await sell('20.00', [
    pay('card', '15.00', { status: 'authorized' }),
    pay('voucher', '5.00', { status: 'authorized' }),
  ])
  await expectDrawer('30.00')
  const back = await till.create(goods('return', id, [['-7.50', '0.07']], elsewhere))
  await till.complete(back, [pay('cash', '-7.50')])
  await expectDrawer('22.50')
  const given = await till.create(goods('sale', id, [['99.00', '0.07']]))
  await till.void(given)
  await till.create(event('session_cash_adjustment', id, { cash_amount: '-2.50', movement_type: 'tip_payout' }))
  await expectDrawer('20.00')
})

test('POST and PATCH complete and void the same', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = goods('sale', id, [['1.00', '0.07']])
  for (const method of ['POST', 'PATCH'] as const) {
    const done = await till.call({ ...completion(await till.create(sale), [pay('cash', '1.00')]), method })
    expect([done.status, done.json['status'], done.headers.get('etag')]).toEqual([200, 'completed', '"2"'])
    const read = await till.call({ path: `/v1/operations/${String(done.json['id'])}` })
    expect([read.headers.get('etag'), read.text]).toEqual(['"2"', done.text])
    const given = await till.call({ ...voiding(await till.create(sale)), method })
    expect([given.status, given.json['status'], given.headers.get('etag')]).toEqual([200, 'voided', '"2"'])
  }
})

test('the close signs nothing if no cash is moved, and the next shift starts from any amount', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('20.00')
  const counted = await till.create(event('session_cash_count', id, { counted_closing_amount: '20.00' }))
  expect(processData(counted)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
  const closed = await till.create(event('session_close', id, { business_date: today() }))
  expect(closed).toMatchObject({ amount_left: '20.00', fiscal: { state: 'not_required' }, fiscal_information: null })
  const next = await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  expect(processData(next)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
  expect(next.session_id).not.toBe(closed.session_id)
  expect(signed(next).receipt_number).toBe('3')
})

test('many operations may be open at once on one register and are completed in any order', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const amounts = Array.from({ length: 40 }, (_, index) => `${index + 1}.00`)
  const opened = await Promise.all(amounts.map((amount) => till.create(goods('sale', id, [[amount, '0.07']]))))
  const refusal = await till.refused({
    path: '/v1/operations',
    body: event('session_cash_count', id, { counted_closing_amount: '0.00' }),
  })
  expect(refusal.code).toBe('open_operations')
  expect(refusal.details['operation_ids']).toHaveLength(40)
  const done = await Promise.all(
    opened.reverse().map((open) => till.complete(open, [pay('cash', String(Reflect.get(open, 'total_amount')))])),
  )
  expect(done.every((operation) => operation.fiscal.state === 'succeeded')).toBe(true)
  const numbers = done.map((operation) => Number(signed(operation).receipt_number)).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index + 2))
  expect(new Set(done.map((operation) => signed(operation).transaction_number)).size).toBe(40)
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '870.00' })
})

test('the check of answers itself refuses an unknown member, by the contract and by the OpenAPI document', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  expect(() => checkAnswer('POST', '/v1/operations', 201, open)).not.toThrow()
  expect(() => checkAnswer('POST', '/v1/operations', 201, { ...open, extra: 1 })).toThrow('by the contract')
  expect(() => checkAnswer('POST', '/v1/operations', 202, open)).toThrow('no such answer')
})

test('the log line of a request names the operation that it made or changed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('0.00')
  const open = await till.create(goods('sale', id, [['1.00', '0.19']]))
  await till.complete(open, [pay('cash', '1.00')])
  const logged = () => bench.lines.filter(({ fields }) => fields['operation_id'] === open.id)
  await bench.until(() => logged().length === 2)
  expect(logged().map(({ fields }) => [fields['route'], fields['status']])).toEqual([
    ['/v1/operations', 201],
    ['/v1/operations/{id}/complete', 200],
  ])
})
