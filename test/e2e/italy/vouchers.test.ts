// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { goods, pay } from '../goods.ts'
import { italianTill, ONE_PRINTER } from './shop.ts'

const CARD = { gift_card_id: '4711' }

async function sellCard({ id, till }: Register, amount: string): Promise<void> {
  const open = await till.create(goods('sale', id, [[amount, '0', { type: 'gift_card', ...CARD }]]))
  await till.complete(open, [pay('cash', amount)])
}

async function redeem({ id, till }: Register, amount: string): Promise<void> {
  const open = await till.create(goods('sale', id, [[amount, '0.22']]))
  await till.complete(open, [pay('gift_card', amount, CARD)])
}

async function hintsOfZ({ id, till }: Register): Promise<unknown> {
  return (await till.post(`/v1/registers/${id}/closings`, {}))['hints'] ?? []
}

test('the Z of the period in which a voucher was used beyond its sale names it', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  await sellCard(register, '50.00')
  await redeem(register, '50.00')
  expect(await hintsOfZ(register)).toEqual([])
  await redeem(register, '4.00')
  expect(await hintsOfZ(register)).toMatchObject([
    { code: 'voucher_beyond_sale', gift_card_id: '4711', put_on: '50.00', taken_off: '54.00' },
  ])
  await sellCard(register, '4.00')
  expect(await hintsOfZ(register)).toEqual([])
})

test('an Italian voucher of training buys nothing real', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { id, till } = register
  const card = ['50.00', '0', { type: 'gift_card', ...CARD }] as const
  await till.complete(await till.create(goods('sale', id, [card], { training: true })), [pay('cash', '50.00')])
  const open = await till.create(goods('sale', id, [['5.00', '0.22']]))
  const body = { payments: [pay('gift_card', '5.00', CARD)] }
  const call = { path: `/v1/operations/${open.id}/complete`, body, key: 'redeem', ifMatch: 1 }
  expect(await till.refused(call)).toMatchObject({ status: 422, code: 'related_operation_invalid' })
})
