import { expect, test } from 'vitest'
import { today } from '../today.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { elsewhere, event, goods, pay, sell } from './goods.ts'

function move({ id }: Register, amount: string, movement_type?: string) {
  return event('session_cash_adjustment', id, { cash_amount: amount, ...(movement_type && { movement_type }) })
}

async function expected({ id, till }: Register): Promise<unknown> {
  return (await till.get(`/v1/registers/${id}/session`))['expected_closing_amount']
}

test('a cash movement takes out no more than the drawer should hold', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  const path = '/v1/operations'
  const key = 'too-much'
  const refused = await till.refused({ path, body: move(register, '-50.01'), key })
  expect(refused).toMatchObject({
    status: 409,
    code: 'drawer_insufficient',
    message: 'The drawer should hold 50.00: 50.01 cannot be taken out.',
    details: { register_id: register.id, expected_amount: '50.00' },
    fiscal_effect: 'none',
  })
  for (const type of ['bank_deposit', 'transfer', 'owner_withdrawal', 'pay_out', 'wage', 'tip_payout', 'correction'])
    expect(await till.refused({ path, body: move(register, '-60.00', type) })).toMatchObject({
      code: 'drawer_insufficient',
    })
  await sell(register, '10.00')
  const card = await till.create(goods('sale', register.id, [['5.00', '0.07']]))
  await till.complete(card, [pay('card', '5.00')])
  expect(await till.refused({ path, body: move(register, '-60.01') })).toMatchObject({ code: 'drawer_insufficient' })
  // The refused request has claimed no key.
  await till.create(move(register, '-60.00'), key)
  expect(await expected(register)).toBe('0.00')
})

test('a return in cash is never refused, and below zero only cash that comes in is taken', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('5.00')
  const { id, till } = register
  const back = await till.create(goods('return', id, [['-20.00', '0.07']], elsewhere))
  expect((await till.complete(back, [pay('cash', '-20.00')])).status).toBe('completed')
  expect(await expected(register)).toBe('-15.00')
  const refused = await till.refused({ path: '/v1/operations', body: move(register, '-0.01') })
  expect(refused).toMatchObject({ code: 'drawer_insufficient', details: { expected_amount: '-15.00' } })
  await till.create(move(register, '10.00'))
  expect(await expected(register)).toBe('-5.00')
})

test('a count below an expected amount of zero is reported as that, and only then', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('5.00')
  const { id, till } = register
  const back = await till.create(goods('return', id, [['-20.00', '0.07']], elsewhere))
  await till.complete(back, [pay('cash', '-20.00')])
  const key = 'count'
  const count = await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }), key)
  expect(count).toMatchObject({
    expected_closing_amount: '-15.00',
    hints: [{ code: 'drawer_below_zero', session_id: count.session_id, expected_amount: '-15.00' }],
  })
  expect(await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }), key)).toEqual(count)
  expect(await till.read(count.id)).toEqual(count)
  await till.create(event('session_close', id, { business_date: today() }))
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const zero = await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }))
  expect(zero).not.toHaveProperty('hints')
})
