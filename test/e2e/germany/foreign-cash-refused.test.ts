import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closing } from '../shift.ts'
import { count, countedFrancs, francs, frankSale } from './foreign-cash.ts'

let bench: Bench
let register: Register

beforeAll(async () => {
  bench = await Bench.open()
  register = await bench.till('50.00')
})

afterAll(async () => bench[Symbol.asyncDispose]())

/** A sale of 10.00 with these payments: its refusal. */
async function refusal(payments: readonly Members[], more: Members = {}): Promise<Members> {
  const { till, id } = register
  const open = await till.create(goods('sale', id, [['10.00', '0.19']], more))
  const refused = await till.refused(completion(open, payments))
  await till.void(open)
  return refused
}

const REFUSED: readonly [what: string, payment: Members, code: string, pointer: string | undefined][] = [
  ['no base_amount', pay('cash', '10.00', { currency: 'CHF' }), 'currency_not_supported', undefined],
  ['a card', pay('card', '10.00', { currency: 'CHF', base_amount: '10.00' }), 'currency_not_supported', undefined],
  [
    'a voucher',
    pay('gift_card', '10.00', { currency: 'CHF', base_amount: '10.00', gift_card_id: 'G-1' }),
    'currency_not_supported',
    undefined,
  ],
  [
    'a rate without base_amount',
    pay('cash', '10.00', { currency: 'CHF', exchange_rate: '1' }),
    'currency_not_supported',
    undefined,
  ],
  [
    'a value of euro',
    pay('cash', '10.00', { base_amount: '10.00' }),
    'unprocessable_entity',
    '/payments/0/base_amount',
  ],
  ['a rate of euro', pay('cash', '10.00', { exchange_rate: '1' }), 'unprocessable_entity', '/payments/0/exchange_rate'],
  ['parts of a Rappen', francs('10.001', '10.00'), 'amount_mismatch', '/payments/0/amount'],
  ['parts of a cent', francs('10.00', '10.001'), 'amount_mismatch', '/payments/0/base_amount'],
  ['another sign', francs('10.00', '-10.00'), 'unprocessable_entity', '/payments/0/base_amount'],
  ['a value of nothing', francs('0.00', '10.00'), 'unprocessable_entity', '/payments/0/base_amount'],
  ['nothing of a value', francs('10.00', '0.00'), 'unprocessable_entity', '/payments/0/base_amount'],
  [
    'a rate that is off by 0.0101',
    francs('10.00', '10.00', { exchange_rate: '1.00101' }),
    'unprocessable_entity',
    '/payments/0/exchange_rate',
  ],
  ['a rate of 0', francs('10.00', '10.00', { exchange_rate: '0.00' }), 'invalid_request', undefined],
  ['a rate below 0', francs('10.00', '10.00', { exchange_rate: '-1' }), 'invalid_request', undefined],
  ['another total', francs('10.00', '9.99'), 'payment_total_mismatch', undefined],
  [
    'cash that is only authorized',
    francs('10.00', '10.00', { status: 'authorized' }),
    'payment_status_invalid',
    '/payments/0/status',
  ],
]

test.each(REFUSED)('foreign cash with %s is refused', async (_what, payment, code, pointer) => {
  const refused = await refusal([payment])
  expect(refused).toMatchObject({ code, fiscal_effect: 'none' })
  if (pointer !== undefined) expect(refused['details']).toMatchObject({ pointer })
})

test('the total is made up by the values, and a rate may be off by one cent', async () => {
  const { till, id } = register
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  await till.complete(open, [francs('10.00', '9.00', { exchange_rate: '0.901' }), pay('card', '1.00')])
})

test('francs that the drawer does not hold cannot be given out, the last one it holds can', async () => {
  await using own = await Bench.open()
  const { till, id } = await own.till('50.00')
  const sold = await frankSale({ till, id } as Register)
  const back = (amount: string, base: string) => [francs(amount, base)].concat(pay('cash', euros(base)))
  function euros(base: string): string {
    return (-15 - Number(base)).toFixed(2)
  }
  const open = await till.create(goods('return', id, [['-15.00', '0.19']], { related_operation_id: sold.id }))
  const refused = await till.refused(completion(open, back('-20.01', '-18.61')))
  expect(refused).toMatchObject({
    code: 'drawer_insufficient',
    status: 409,
    details: { currency: 'CHF', expected_amount: '20.00', register_id: id },
  })
  await till.complete(open, back('-20.00', '-18.60'))
  const other = await till.create(goods('return', id, [['-15.00', '0.19']], { related_operation_id: sold.id }))
  expect(await till.refused(completion(other, back('-0.01', '-0.01')))).toMatchObject({ code: 'drawer_insufficient' })
})

test('a session has ten foreign currencies, and no eleventh by payment or count', async () => {
  await using own = await Bench.open()
  const { till, id } = await own.till('50.00')
  const names = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF', 'GGG', 'HHH', 'III', 'JJJ']
  const paid = (currency: string) => pay('cash', '1.00', { currency, base_amount: '1.00', payment_id: currency })
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  const done = await till.complete(open, names.map(paid))
  expect(done).toMatchObject({ status: 'completed' })
  const more = await till.create(goods('sale', id, [['1.00', '0.19']]))
  expect(await till.refused(completion(more, [paid('KKK')]))).toMatchObject({
    code: 'unprocessable_entity',
    details: { limit: 10, pointer: '/payments' },
  })
  await till.complete(more, [paid('JJJ')])
  const list = names.map((currency) => ({ currency, counted_amount: currency === 'JJJ' ? '2.00' : '1.00' }))
  const eleven = [...list, { currency: 'KKK', counted_amount: '1.00', base_amount: '1.00' }]
  const tooMany = { body: event('session_cash_count', id, { counted_closing_amount: '50.00', foreign_cash: eleven }) }
  expect(await till.refused({ method: 'POST', path: '/v1/operations', ...tooMany })).toMatchObject({
    code: 'invalid_request',
  })
  const counted = await till.create(
    event('session_cash_count', id, { counted_closing_amount: '50.00', foreign_cash: list }),
  )
  expect(counted).toMatchObject({ closing_cashcount_diff: '0.00' })
})

test('a count names each currency that the drawer should hold, once, and gives a value only to what was found', async () => {
  await using own = await Bench.open()
  const till = await own.till('50.00')
  await frankSale(till)
  const counted = (foreign: readonly Members[] | undefined) => ({
    method: 'POST' as const,
    path: '/v1/operations',
    body: event('session_cash_count', till.id, {
      counted_closing_amount: '46.40',
      ...(foreign && { foreign_cash: foreign }),
    }),
  })
  const refusals: readonly [readonly Members[] | undefined, Members][] = [
    [undefined, { pointer: '/foreign_cash', currencies: ['CHF'] }],
    [[{ currency: 'USD', counted_amount: '0.00' }], { pointer: '/foreign_cash', currencies: ['CHF'] }],
    [[countedFrancs('20.00'), countedFrancs('20.00')], { pointer: '/foreign_cash/1/currency' }],
    [[countedFrancs('20.00'), { currency: 'EUR', counted_amount: '1.00' }], { pointer: '/foreign_cash/1/currency' }],
    [[countedFrancs('-0.01')], { pointer: '/foreign_cash/0/counted_amount' }],
    [[countedFrancs('20.00', { base_amount: '18.60' })], { pointer: '/foreign_cash/0/base_amount' }],
    [[countedFrancs('20.00'), { currency: 'USD', counted_amount: '5.00' }], { pointer: '/foreign_cash/1/base_amount' }],
  ]
  for (const [list, details] of refusals)
    expect(await till.till.refused(counted(list)), JSON.stringify(list)).toMatchObject({
      code: 'unprocessable_entity',
      status: 422,
      details,
    })
  const found = { currency: 'USD', counted_amount: '5.00', base_amount: '4.60' }
  const done = await count(till, '46.40', [countedFrancs('20.00'), found])
  expect(done).toMatchObject({
    foreign_cash: [{ currency: 'CHF' }, { currency: 'USD', diff_amount: '5.00', base_amount: '4.60' }],
  })
  const closed = await till.till.create(closing(till, '0.00'))
  expect(closed).toMatchObject({ foreign_cash: [{ currency: 'CHF' }, { currency: 'USD' }] })
})

test('training moves no francs', async () => {
  const { till, id } = register
  const before = await till.get(`/v1/registers/${id}/session`)
  const open = await till.create(goods('sale', id, [['10.00', '0.19']], { training: true }))
  await till.complete(open, [pay('cash', '10.00', { currency: 'SEK', base_amount: '10.00' })])
  expect(await till.get(`/v1/registers/${id}/session`)).toEqual(before)
})
