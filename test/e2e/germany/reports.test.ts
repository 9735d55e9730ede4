// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { sums } from '../closing-sums.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'

function open({ id, till }: Register, float: string): Promise<unknown> {
  return till.create(event('session_open', id, { opening_balance_amount: float }))
}

async function close(register: Register, amount: string, adjustment = '0.00'): Promise<void> {
  await counted(register, amount)
  await register.till.create(closing(register, adjustment))
}

function report({ id, till }: Register, body: Members = {}): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, body)
}

test('a report over several Zs has the float of the first one and the cash that the last one leaves', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sell(register, '50.00')
  await close(register, '150.00')
  await open(register, '150.00')
  await sell(register, '30.00')
  await close(register, '180.00')
  const expected = {
    'key 2': '80.00',
    'key 5': '100.00',
    Bargeld: '180.00',
    Keine: '0.00',
    Anfangsbestand: '100.00',
    Umsatz: '80.00',
    DifferenzSollIst: '0.00',
  }
  const daily = await report(register)
  expect(daily['z_numbers']).toEqual([1, 2])
  expect(sums(daily)).toEqual(expected)
  expect(sums(await report(register, { type: 'monthly' }))).toEqual(expected)
  expect(sums(await report(register, { type: 'annual' }))).toEqual(expected)
  expect(sums(await report(register, { type: 'shift' }))).toMatchObject({ Anfangsbestand: '150.00', Bargeld: '180.00' })
  const paper = await register.till.call({
    path: `/v1/closings/${String(daily['id'])}/receipt`,
    headers: { Accept: 'text/plain' },
  })
  // The float was in the drawer before: it is no movement, and in no sum of them.
  expect(paper.text).toMatch(
    /Umsatz +80,00\n(?:.*\n)*?Summe aller Bewegungen EUR +80,00\nAnfangsbestand +100,00\nBargeld +180,00/,
  )
})

test('money between drawer and safe at a later opening stays in the report', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await close(register, '100.00')
  await open(register, '0.00')
  await close(register, '0.00', '40.00')
  await open(register, '25.00')
  await sell(register, '5.00')
  await close(register, '30.00')
  expect(sums(await report(register))).toEqual({
    'key 2': '5.00',
    'key 5': '25.00',
    Bargeld: '30.00',
    Keine: '0.00',
    Anfangsbestand: '100.00',
    Geldtransit: '-75.00',
    DifferenzSollIst: '0.00',
    Umsatz: '5.00',
  })
})

/** A return of a sale, paid out in cash; the lines are those of `sell`. */
async function giveBack({ id, till }: Register, original: string, amount: string, more: Members = {}): Promise<void> {
  const lines = [[`-${amount}`, '0.07', { unit_price: amount, quantity: -1, ...more }]] as const
  const open = await till.create(goods('return', id, lines, { related_operation_id: original }))
  await till.complete(open, [pay('cash', `-${amount}`)])
}

test('the report of the day on which it happened names a sale of which more came back than it had', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const first = await sell(register, '10.00')
  const second = await sell(register, '20.00')
  await giveBack(register, first.id, '10.00')
  await close(register, '120.00')
  expect(await report(register, { type: 'shift' })).not.toHaveProperty('hints')
  await open(register, '120.00')
  await giveBack(register, first.id, '4.00')
  await giveBack(register, second.id, '20.00')
  await close(register, '96.00')
  const hint = {
    code: 'returned_beyond_sale',
    message: expect.stringContaining(first.id),
    operation_id: first.id,
    receipt_number: '2',
    sold: '10.00',
    returned: '14.00',
    articles: [{ type: 'item', sku_identifier: 'sku-0.07', rate: '0.07', sold: '1', returned: '2' }],
  }
  const shift = await report(register, { type: 'shift' })
  expect(shift['hints']).toEqual([hint])
  expect((await report(register))['hints']).toEqual([hint])
  expect((await report(register, { type: 'annual' }))['hints']).toEqual([hint])
  expect(await report(register, { type: 'shift' })).toEqual(shift)
  await open(register, '96.00')
  await sell(register, '1.00')
  await close(register, '97.00')
  expect(await report(register, { type: 'shift' })).not.toHaveProperty('hints')
})

test('a return that is begun first and completed last, at another register, is the one that went beyond the sale', async () => {
  await using bench = await Bench.open()
  const one = await bench.till('100.00')
  const sold = await sell(one, '10.00')
  const two = await bench.register(String(sold.location_id))
  await open(two, '50.00')
  const lines = [['-10.00', '0.07', { unit_price: '10.00', quantity: -1 }]] as const
  const late = await two.till.create(goods('return', two.id, lines, { related_operation_id: sold.id }))
  await giveBack(one, sold.id, '10.00')
  await close(one, '100.00')
  expect(await report(one, { type: 'shift' })).not.toHaveProperty('hints')
  await two.till.complete(late, [pay('cash', '-10.00')])
  await close(two, '40.00')
  expect((await report(two, { type: 'shift' }))['hints']).toMatchObject([
    { code: 'returned_beyond_sale', operation_id: sold.id, returned: '20.00' },
  ])
})

test('exchanges count, and voided, training or foreign operations do not', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const { id: sale } = await sell(register, '10.00')
  await giveBack(register, sale, '3.00', { sku_identifier: 'other' })
  const [undone] = await till.list(`/v1/operations?type=return`)
  await till.create(event('void', id, { related_operation_id: String(undone?.['id']) }))
  const swap = [
    ['-10.00', '0.07', { unit_price: '10.00', quantity: -1 }],
    ['12.00', '0.07'],
  ] as const
  const exchange = await till.create(goods('exchange', id, swap, { related_operation_id: sale }))
  await till.complete(exchange, [pay('cash', '2.00')])
  const other = await bench.register(String((await till.read(sale)).location_id))
  await open(other, '50.00')
  await giveBack(other, sale, '1.00')
  await close(other, '49.00')
  await close(register, '112.00')
  expect(await report(register)).not.toHaveProperty('hints')
  expect((await report(other))['hints']).toMatchObject([{ operation_id: sale, sold: '10.00', returned: '11.00' }])
})

test('each part of a sale that came back in forty parts is counted', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const many = await till.create(goods('sale', id, [['40.00', '0.07', { quantity: 40, unit_price: '1.00' }]]))
  await till.complete(many, [pay('cash', '40.00')])
  for (let back = 0; back < 39; back++) await giveBack(register, many.id, '1.00')
  await close(register, '101.00')
  expect(await report(register)).not.toHaveProperty('hints')
  await open(register, '101.00')
  for (let back = 0; back < 2; back++) await giveBack(register, many.id, '1.00')
  await close(register, '99.00')
  expect((await report(register, { type: 'shift' }))['hints']).toMatchObject([
    { sold: '40.00', returned: '41.00', articles: [{ sold: '40', returned: '41' }] },
  ])
})

test('a report names the sessions whose drawer should have held less than nothing', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('5.00')
  const { id: sale, session_id: session } = await sell(register, '1.00')
  await giveBack(register, sale, '1.00')
  const { id, till } = register
  const card = await till.create(goods('sale', id, [['30.00', '0.07']]))
  await till.complete(card, [pay('card', '30.00')])
  await giveBack(register, card.id, '30.00')
  await close(register, '0.00')
  expect((await report(register))['hints']).toEqual([
    {
      code: 'drawer_below_zero',
      message: expect.stringContaining('-25.00'),
      session_id: session,
      expected_amount: '-25.00',
    },
  ])
})
