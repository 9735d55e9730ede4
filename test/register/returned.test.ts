import { expect, test } from 'vitest'
import type { Moved } from '../../agent/register/returned.ts'
import { returnedBeyond } from '../../agent/register/returned.ts'

type Line = NonNullable<Moved['line_items']>[number]

function line(quantity: number | string, total: string, more: Partial<Line> = {}): Line {
  const taxes = [{ rate: '0.07' }]
  return { sku_identifier: 'A', quantity, unit_price: total, total_amount: total, taxes, ...more }
}

function moved(type: string, lines: readonly Line[], tip = '0.00'): Moved {
  return { type, line_items: lines, tip_amount: tip }
}

test('goods that come back within the sale raise no warning, in every form of a negative line', () => {
  const sale = moved('sale', [
    line(3, '30.00', { unit_price: '10.00' }),
    line('0.347', '4.17', { sku_identifier: 'W' }),
  ])
  const back = [
    moved('return', [line(1, '-10.00', { unit_price: '-10.00' })]),
    moved('return', [line(-1, '-10.00', { unit_price: '10.00' })]),
    moved('exchange', [line(1, '-10.00', { unit_price: '10.00' }), line(5, '50.00', { sku_identifier: 'B' })]),
    moved('return', [line('-0.347', '-4.17', { sku_identifier: 'W' })]),
  ]
  expect(returnedBeyond(sale, back)).toBeUndefined()
  expect(returnedBeyond(sale, [])).toBeUndefined()
})

test('more pieces of an article than were sold are named, though the money is the same', () => {
  const sale = moved('sale', [line(2, '10.00'), line(1, '5.00', { sku_identifier: 'B' })])
  const back = [moved('return', [line(-1, '-4.00')]), moved('return', [line('-1.5', '-4.00')])]
  expect(returnedBeyond(sale, back)).toEqual({
    sold: '15.00',
    returned: '8.00',
    articles: [{ type: 'item', sku_identifier: 'A', rate: '0.07', sold: '2', returned: '2.5' }],
  })
})

test('an article is its type, SKU and rate, with any zeros in the rate', () => {
  const sale = moved('sale', [line(1, '10.00', { taxes: [{ rate: '0.070' }] })])
  const back = (more: Partial<Line>) => returnedBeyond(sale, [moved('return', [line(-1, '-1.00', more)])])?.articles
  expect(back({})).toBeUndefined()
  expect(back({ type: 'item' })).toBeUndefined()
  expect(back({ type: 'container_deposit' })).toMatchObject([{ type: 'container_deposit', sold: '0', returned: '1' }])
  expect(back({ taxes: [{ rate: '0.19' }] })).toMatchObject([{ rate: '0.19', sold: '0', returned: '1' }])
  expect(back({ sku_identifier: 'a' })).toMatchObject([{ sku_identifier: 'a' }])
})

test('more money than was sold is named, by return, exchange and void together', () => {
  const sale = moved('sale', [line(10, '10.00')], '1.00')
  const back = [
    moved('return', [line(-1, '-5.00')]),
    moved('exchange', [line(-1, '-5.00'), line(1, '8.00')]),
    moved('void', [line(1, '-1.01')]),
  ]
  expect(returnedBeyond(sale, back.slice(0, 2))).toBeUndefined()
  expect(returnedBeyond(sale, back)).toEqual({ sold: '11.00', returned: '11.01', articles: [] })
})

function account(amount: string): NonNullable<Moved['payments']> {
  return [{ method: 'on_account', status: 'captured', amount, currency: 'EUR' } as never]
}

test('goods of a sale with a discount that come back for more than was paid for them are named, to the piece', () => {
  const discounts = [{ amount: '40.00' }]
  const coat = { sku_identifier: 'coat', discounts }
  const sale = moved('sale', [line(2, '158.00', coat), line(3, '10.00', { sku_identifier: 'sock' })])
  const back = (...lines: Line[]) => returnedBeyond(sale, [moved('return', lines)])
  const one = back(line(-1, '-99.00', { sku_identifier: 'coat' }))
  const row = { type: 'item', sku_identifier: 'coat', rate: '0.07', sold: '2' }
  expect(one).toEqual({
    ...{ sold: '168.00', returned: '99.00' },
    articles: [{ ...row, returned: '1', paid: '79.00', given_back: '99.00' }],
  })
  const both = back(line(-2, '-160.03', { sku_identifier: 'coat' }))
  expect(both?.articles).toEqual([{ ...row, returned: '2', paid: '158.00', given_back: '160.03' }])
  // A till rounds each piece up.
  expect(
    back(line(-1, '-79.00', { sku_identifier: 'coat' }), line(-2, '-6.68', { sku_identifier: 'sock' })),
  ).toBeUndefined()
  const cart = { ...moved('sale', [line(1, '72.50'), line(1, '36.25')]), cart_level_discounts: [{ amount: '41.25' }] }
  const given = (total: string) => returnedBeyond(cart, [moved('return', [line(-1, total)])])
  expect(given('-72.50')).toBeUndefined()
  expect(given('-75.00')?.articles).toMatchObject([{ paid: '72.50', given_back: '75.00' }])
})

test('money for goods of a claim that was not paid is named, and the other goods of an exchange are not', () => {
  const sale = { ...moved('sale', [line(1, '80.00')]), payments: account('80.00') }
  const cash = { ...moved('return', [line(-1, '-80.00', { unit_price: '80.00' })]), total_amount: '-80.00' }
  expect(returnedBeyond(sale, [cash])).toEqual({ sold: '80.00', returned: '80.00', unpaid: '80.00', articles: [] })
  expect(returnedBeyond(sale, [cash], 30_00n)).toMatchObject({ unpaid: '50.00' })
  expect(returnedBeyond(sale, [cash], 80_00n)).toBeUndefined()
  expect(returnedBeyond(sale, [{ ...cash, payments: account('-80.00') }])).toBeUndefined()
  const swap = moved('exchange', [...(cash.line_items ?? []), line(1, '90.00', { sku_identifier: 'B' })])
  expect(returnedBeyond(sale, [{ ...swap, total_amount: '10.00' }])).toBeUndefined()
  expect(returnedBeyond({ ...sale, payments: [] }, [cash])).toBeUndefined()
})

test('a return on account below the price of its article reduces the claim, and no piece comes back by it', () => {
  const sale = { ...moved('sale', [line(2, '80.00', { unit_price: '40.00' })]), payments: account('80.00') }
  const reduced = { ...moved('return', [line(2, '-1.60', { unit_price: '-0.80' })]), payments: account('-1.60') }
  const back = { ...moved('return', [line(2, '-78.40', { unit_price: '-39.20' })]), payments: account('-78.40') }
  expect(returnedBeyond(sale, [reduced, back])).toBeUndefined()
  const one = { ...moved('return', [line(1, '-40.00')]), payments: account('-40.00') }
  const cheap = moved('return', [line(2, '-20.00')])
  expect(returnedBeyond(sale, [one, cheap])).toMatchObject({ articles: [{ sold: '2', returned: '3' }] })
})

test('the void of a whole sale takes back its tip and free goods too, and not the goods that came back in it', () => {
  const free = line(1, '0.00', { unit_price: '0.00' })
  const empties = (total: string) => line(1, total, { type: 'container_deposit' })
  const sale = moved('sale', [line(2, '10.00'), free, empties('-0.25')], '2.00')
  const taken = moved('void', [line(2, '-10.00'), free, empties('0.25')], '-2.00')
  expect(returnedBeyond(sale, [taken])).toBeUndefined()
  expect(returnedBeyond(sale, [taken, moved('return', [free])])).toMatchObject({
    sold: '12.00',
    returned: '12.00',
    articles: [{ sold: '3', returned: '4' }],
  })
})

test('a line of no money in an exchange has the direction of its quantity or price', () => {
  const sale = moved('sale', [line(1, '0.00', { unit_price: '0.00' })])
  const swap = (quantity: number, price: string) =>
    returnedBeyond(sale, [
      moved('exchange', [line(quantity, '0.00', { unit_price: price }), line(quantity, '0.00', { unit_price: price })]),
    ])?.articles[0]?.returned
  expect([swap(1, '0.00'), swap(-1, '5.00'), swap(1, '-5.00'), swap(1, '5.00')]).toEqual([
    undefined,
    '2',
    '2',
    undefined,
  ])
})
