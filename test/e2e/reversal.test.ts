// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { processData, signed } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

function reversal(registerId: string, of: string, more: Members = {}) {
  return event('void', registerId, { related_operation_id: of, ...more })
}

test('a void reverses a completed sale whole: signs, lines, payments and drawer, under its own number', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = goods(
    'sale',
    id,
    [
      ['10.00', '0.19'],
      ['5.00', '0.07'],
    ],
    { tip_amount: '1.00' },
  )
  const done = await till.complete(await till.create(sale), [pay('cash', '20.00'), pay('cash', '-4.00')])
  const turned = await till.create(reversal(id, done.id, { reason: 'wrong table' }))
  expect(turned).toMatchObject({ status: 'completed', resource_version: 1, related_operation_id: done.id })
  expect(turned).toMatchObject({ total_amount: '-16.00', fiscal: { state: 'succeeded' } })
  expect(processData(turned)).toBe('Beleg^-10.00_-5.00_0.00_0.00_-1.00^-16.00:Bar')
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
  expect(await till.read(done.id)).toEqual(done)
  const next = await till.complete(await till.create(sale), [pay('cash', '16.00')])
  const numbers = [done, turned, next].map((operation) => Number(signed(operation).receipt_number))
  expect(numbers).toEqual([2, 3, 4])
})

test('a reversed or training operation cannot be returned: its money would go back twice, or was never paid', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sold = async (more: Members = {}) =>
    till.complete(await till.create(goods('sale', id, [['5.00', '0.19']], more)), [pay('cash', '5.00')])
  const back = (of: string, more: Members = {}) =>
    goods('return', id, [['-5.00', '0.19']], { related_operation_id: of, ...more })
  const [reversed, practised, stands] = [await sold(), await sold({ training: true }), await sold()]
  await till.create(reversal(id, reversed.id))
  for (const former of [reversed.id, practised.id]) {
    const refusal = await till.refused({ path: '/v1/operations', body: back(former) })
    expect(refusal).toMatchObject({
      status: 422,
      code: 'related_operation_invalid',
      details: { related_operation_id: former },
    })
  }
  expect(await till.create(back(practised.id, { training: true }))).toMatchObject({ status: 'open' })
  expect(await till.create(back(stands.id))).toMatchObject({ status: 'open' })
})

test('a partly returned operation is not reversed; a cancelled or reversed return counts no longer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sold = async () =>
    till.complete(await till.create(goods('sale', id, [['5.00', '0.19']])), [pay('cash', '5.00')])
  const back = (of: string, more: Members = {}) =>
    till.create(goods('return', id, [['-2.00', '0.19']], { related_operation_id: of, ...more }))
  const refused = async (of: string, by: string) => {
    const refusal = await till.refused({ path: '/v1/operations', body: reversal(id, of) })
    expect(refusal).toMatchObject({
      ...{ status: 422, code: 'related_operation_invalid' },
      ...{ message: expect.stringContaining(by), details: { related_operation_id: of } },
    })
  }
  const sale = await sold()
  const open = await back(sale.id)
  await refused(sale.id, open.id)
  await till.void(open)
  const returned = await till.complete(await back(sale.id), [pay('cash', '-2.00')])
  await refused(sale.id, returned.id)
  await till.create(reversal(id, returned.id))
  expect(await till.create(reversal(id, sale.id))).toMatchObject({ total_amount: '-5.00' })
  const exchanged = await sold()
  const exchange = goods(
    'exchange',
    id,
    [
      ['-5.00', '0.19'],
      ['7.00', '0.19'],
    ],
    { related_operation_id: exchanged.id },
  )
  const taken = await till.complete(await till.create(exchange), [pay('cash', '2.00')])
  await refused(exchanged.id, taken.id)
  const practised = await sold()
  await till.complete(await back(practised.id, { training: true }), [pay('cash', '-2.00')])
  expect(await till.create(reversal(id, practised.id))).toMatchObject({ status: 'completed' })
})

test('a void is made once, of a completed operation of its register, and not after the close', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const { id, till } = one
  const sell = async () =>
    till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('card', '1.00')])
  const refused = async (body: Members, client = till) => {
    const refusal = await client.refused({ path: '/v1/operations', body })
    return [refusal.status, refusal.code]
  }
  const invalid = [422, 'related_operation_invalid']
  const done = await sell()
  const answers = await Promise.all(
    [1, 2].map(() => till.call({ path: '/v1/operations', body: reversal(id, done.id) })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422])
  expect(await refused(reversal(id, done.id))).toEqual(invalid)
  const turned = String(answers.find(({ status }) => status === 201)?.json['id'])
  expect(await refused(reversal(id, turned))).toEqual(invalid)
  expect(await refused(reversal(two.id, done.id), two.till)).toEqual(invalid)
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  expect(await refused(reversal(id, open.id))).toEqual(invalid)
  await till.void(open)
  const late = await sell()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }))
  expect(await refused(reversal(id, late.id))).toEqual([409, 'session_already_counted'])
  await till.create(event('session_close', id, { business_date: today() }))
  expect(await refused(reversal(id, late.id))).toEqual([422, 'void_after_closing'])
})

test('practice is signed as AVTraining and never reaches the drawer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['10.00', '0.19']], { training: true }))
  const done = await till.complete(open, [pay('cash', '10.00')])
  expect(done).toMatchObject({ training: true, fiscal_information: { document_type: 'AVTraining' } })
  expect(processData(done)).toBe('AVTraining^10.00_0.00_0.00_0.00_0.00^')
  const turned = await till.create(reversal(id, done.id))
  expect(processData(turned)).toBe('AVTraining^-10.00_0.00_0.00_0.00_0.00^')
  const back = await till.create(goods('return', id, [['-3.00', '0.19']], { training: true, ...elsewhere }))
  await till.complete(back, [pay('cash', '-3.00')])
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
})
