// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { elsewhere, event, goods, pay, sell } from './goods.ts'
import { closing, counted } from './shift.ts'

type Hint = { code: string; gift_card_id: string; put_on: string; taken_off: string }

const CARD = { gift_card_id: '4711' }

function card(amount: string, number = '4711') {
  const back = amount.startsWith('-')
  const more = { type: 'gift_card', gift_card_id: number, ...(back && { unit_price: amount.slice(1), quantity: -1 }) }
  return [amount, '0', more] as const
}

/** A voucher of that number is sold for cash. */
async function sellCard({ id, till }: Register, amount: string, more: Members = {}): Promise<Operation> {
  const open = await till.create(goods('sale', id, [card(amount)], more))
  return till.complete(open, [pay('cash', amount)])
}

/** Goods are paid with it. */
async function redeem({ id, till }: Register, amount: string, rate = '0.07', more: Members = {}): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, rate]], more))
  return till.complete(open, [pay('gift_card', amount, CARD)])
}

async function giveBack({ id, till }: Register, sale: string, amount: string): Promise<Operation> {
  const open = await till.create(goods('return', id, [card(amount)], { related_operation_id: sale }))
  return till.complete(open, [pay('cash', amount)])
}

function undo({ id, till }: Register, operation: Operation): Promise<Operation> {
  return till.create(event('void', id, { related_operation_id: operation.id }))
}

async function hints({ id, till }: Register): Promise<readonly Hint[]> {
  const report = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
  const all = (report['hints'] ?? []) as readonly Hint[]
  return all.filter(({ code }) => code === 'voucher_beyond_sale')
}

async function nextDay(register: Register): Promise<void> {
  const { id, till } = register
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  await counted(register, String(expected))
  await till.create(closing(register, '0.00'))
  await till.create(event('session_open', id, { opening_balance_amount: expected }))
}

function beyond(put_on: string, taken_off: string) {
  return [
    {
      ...{ code: 'voucher_beyond_sale', gift_card_id: '4711', put_on, taken_off },
      message: expect.stringContaining('4711'),
    },
  ]
}

test('a voucher that is redeemed twice is named in the report of the day on which it was used beyond its sale', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sellCard(register, '50.00')
  await redeem(register, '30.00')
  expect(await hints(register)).toEqual([])
  await redeem(register, '20.00')
  expect(await hints(register)).toEqual([])
  await nextDay(register)
  await redeem(register, '0.50')
  expect(await hints(register)).toEqual(beyond('50.00', '50.50'))
  await nextDay(register)
  await sell(register, '1.00')
  expect(await hints(register)).toEqual([])
  const day = await register.till.list(`/v1/registers/${register.id}/closings`)
  expect(day.length).toBeGreaterThan(2)
})

test.each([
  ['reversed', undo],
  ['given back', (register: Register, { id }: Operation) => giveBack(register, id, '-50.00')],
])('a voucher whose sale is %s after use is named', async (_, undoes) => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const sale = await sellCard(register, '50.00')
  await redeem(register, '20.00')
  await undoes(register, sale)
  expect(await hints(register)).toEqual(beyond('0.00', '20.00'))
})

test('a voucher whose sale or redemption is undone in part or before use is not named', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const first = await sellCard(register, '50.00')
  await giveBack(register, first.id, '-20.00')
  await redeem(register, '30.00')
  const wrong = await redeem(register, '10.00')
  await undo(register, wrong)
  expect(await hints(register)).toEqual([])
  const open = await register.till.create(goods('sale', register.id, [['9.00', '0.07']]))
  await register.till.void(open)
  const failed = await register.till.create(goods('sale', register.id, [['9.00', '0.07']]))
  await register.till.complete(failed, [pay('gift_card', '9.00', { ...CARD, status: 'failed' }), pay('cash', '9.00')])
  expect(await hints(register)).toEqual([])
  await redeem(register, '0.01')
  expect(await hints(register)).toEqual(beyond('30.00', '30.01'))
})

test('a voucher given as change or for a return holds what was put on it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const sale = await till.create(goods('sale', id, [['8.00', '0.07']]))
  const done = await till.complete(sale, [pay('card', '20.00'), pay('gift_card', '-12.00', CARD)])
  const back = goods('return', id, [['-8.00', '0.07', { unit_price: '8.00', quantity: -1 }]], {
    related_operation_id: done.id,
  })
  await till.complete(await till.create(back), [pay('gift_card', '-8.00', CARD)])
  await redeem(register, '20.00')
  expect(await hints(register)).toEqual([])
  await redeem(register, '1.00')
  expect(await hints(register)).toEqual(beyond('20.00', '21.00'))
})

test('a voucher that is sold at a discount holds its full price', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const more = { type: 'gift_card', ...CARD, unit_price: '50.00', discounts: [{ amount: '5.00' }] }
  const open = await register.till.create(goods('sale', register.id, [['45.00', '0', more]]))
  await register.till.complete(open, [pay('cash', '45.00')])
  await redeem(register, '50.00')
  expect(await hints(register)).toEqual([])
  await redeem(register, '0.01')
  expect(await hints(register)).toEqual(beyond('50.00', '50.01'))
})

test('a voucher that is given away holds its full price', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const more = { type: 'gift_card', ...CARD, unit_price: '5.00', discounts: [{ amount: '5.00' }] }
  const lines = [
    ['20.00', '0.07'],
    ['0.00', '0', more],
  ] as const
  const open = await register.till.create(goods('sale', register.id, lines))
  await register.till.complete(open, [pay('cash', '20.00')])
  await redeem(register, '5.00')
  expect(await hints(register)).toEqual([])
  await redeem(register, '1.00')
  expect(await hints(register)).toEqual(beyond('5.00', '6.00'))
})

test.each([
  ['sold at a discount', '45.00', '-45.00', '0.00'],
  ['sold at a discount, of which part comes back,', '45.00', '-9.00', '40.00'],
  ['given away', '0.00', '0.00', '0.00'],
])('a voucher %s holds what its return at the price paid leaves', async (_, paid, back, left) => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const off = (50 - Number(paid)).toFixed(2)
  const sold = { type: 'gift_card', ...CARD, unit_price: '50.00', discounts: [{ amount: off }] }
  const open = await till.create(
    goods('sale', id, [
      ['20.00', '0.07'],
      [paid, '0', sold],
    ]),
  )
  await till.complete(open, [pay('cash', (20 + Number(paid)).toFixed(2))])
  const returned = { type: 'gift_card', ...CARD, quantity: -1, unit_price: back.replace('-', '') }
  const lines = [
    ['-1.00', '0.07'],
    [back, '0', returned],
  ] as const
  const reverse = await till.create(goods('return', id, lines, { related_operation_id: open.id }))
  await till.complete(reverse, [pay('cash', (Number(back) - 1).toFixed(2))])
  expect(await hints(register)).toEqual([])
  if (left !== '0.00') await redeem(register, left)
  expect(await hints(register)).toEqual([])
  await redeem(register, '5.00')
  expect(await hints(register)).toEqual(beyond(left, (Number(left) + 5).toFixed(2)))
})

test('a voucher that was never put on here is unknown and not named', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await redeem(register, '20.00')
  await redeem(register, '20.00')
  const { id, till } = register
  const back = await till.create(goods('return', id, [card('-5.00')], elsewhere))
  await till.complete(back, [pay('cash', '-5.00')])
  expect(await hints(register)).toEqual([])
})

test('uses at several registers count, and the report of the register that went beyond names it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { location_id: location } = await sellCard(register, '50.00')
  const other = await bench.register(String(location))
  await other.till.create(event('session_open', other.id, { opening_balance_amount: '0.00' }))
  await redeem(register, '50.00')
  await redeem(other, '5.00')
  expect(await hints(other)).toEqual(beyond('50.00', '55.00'))
  expect(await hints(register)).toEqual([])
})

test('a voucher of training buys nothing real, and nothing real is given back for it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  await sellCard(register, '50.00', { training: true })
  await redeem(register, '10.00', '0.07', { training: true })
  const open = await till.create(goods('sale', id, [['10.00', '0.07']]))
  const path = `/v1/operations/${open.id}/complete`
  const call = { path, body: { payments: [pay('gift_card', '10.00', CARD)] }, key: 'redeem', ifMatch: 1 }
  expect(await till.refused(call)).toMatchObject({
    status: 422,
    code: 'related_operation_invalid',
    details: { gift_card_id: '4711' },
  })
  const body = goods('return', id, [card('-5.00')], elsewhere)
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({ code: 'related_operation_invalid' })
  await till.complete(open, [pay('cash', '10.00')])
  await sellCard(register, '20.00')
  await redeem(register, '20.00')
  expect(await hints(register)).toEqual([])
  await redeem(register, '1.00')
  expect(await hints(register)).toEqual(beyond('20.00', '21.00'))
})

test('a voucher that is only used in training is from elsewhere for a real sale, also after a reversal in training', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const lesson = await redeem(register, '10.00', '0.07', { training: true })
  await undo(register, lesson)
  expect((await redeem(register, '10.00')).status).toBe('completed')
  expect(await hints(register)).toEqual([])
})

test('change on a voucher that was used in training makes it a real one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sellCard(register, '50.00', { training: true })
  const open = await register.till.create(goods('sale', register.id, [['8.00', '0.07']]))
  await register.till.complete(open, [pay('card', '20.00'), pay('gift_card', '-12.00', CARD)])
  await redeem(register, '12.00')
  expect(await hints(register)).toEqual([])
})

test.each(['return', 'exchange', 'deposit_capture', 'return of a deposit'])(
  'a real %s of something made in training is refused',
  async (kind) => {
    await using bench = await Bench.open()
    const register = await bench.till('100.00')
    const { id, till } = register
    const isDeposit = kind.includes('deposit')
    const line = ['10.00', '0.07', isDeposit ? { type: 'deposit' } : {}] as const
    const open = await till.create(goods(isDeposit ? 'deposit' : 'sale', id, [line], { training: true }))
    const lesson = await till.complete(open, [pay('cash', '10.00')])
    const related = { related_operation_id: lesson.id }
    const minus = { unit_price: '10.00', quantity: -1 }
    const body = {
      return: goods('return', id, [['-10.00', '0.07', minus]], related),
      exchange: goods(
        'exchange',
        id,
        [
          ['-10.00', '0.07', minus],
          ['10.00', '0.07'],
        ],
        related,
      ),
      deposit_capture: goods(
        'deposit_capture',
        id,
        [
          ['15.00', '0.07'],
          ['-10.00', '0.07', { ...minus, type: 'deposit' }],
        ],
        related,
      ),
      'return of a deposit': goods('return', id, [['-10.00', '0.07', { ...minus, type: 'deposit' }]], related),
    }[kind]
    expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({ code: 'related_operation_invalid' })
    const again = await till.create({ ...body, training: true })
    expect(again.status).toBe('open')
  },
)

test('an Austrian report names a voucher that was used beyond its sale', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await sellCard(register, '50.00')
  await redeem(register, '50.00', '0.20')
  expect(await hints(register)).toEqual([])
  await redeem(register, '3.00', '0.20')
  expect(await hints(register)).toEqual(beyond('50.00', '53.00'))
})

test('a journal whose tables are from before the index of vouchers names them as well', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sellCard(register, '50.00')
  await redeem(register, '50.00')
  await redeem(register, '5.00')
  await bench.restart(async () => {
    const { default: Database } = await import('better-sqlite3')
    const { journalPath } = await import('../../agent/journal/journal-file.ts')
    const db = new Database(journalPath(bench.config.state))
    db.exec("UPDATE meta SET value = '9' WHERE name = 'projection_version'; DROP TABLE voucher")
    db.close()
  })
  expect(await hints(register)).toEqual(beyond('50.00', '55.00'))
})
