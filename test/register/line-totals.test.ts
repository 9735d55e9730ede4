import { describe, expect, test } from 'vitest'
import type { CreateGoods } from '../../agent/contract/goods.ts'
import { createOperation } from '../../agent/contract/operation.ts'
import { parse } from '../../agent/contract/parse.ts'
import { checkLineTotals } from '../../agent/register/line-totals.ts'
import { formatCents } from '../../base/money.ts'
import { exchangePaid, goodsExamples, returnOfSale, sale } from '../contract/examples.ts'
import { fc } from '../properties.ts'
import { refusalOf } from './refusal.ts'

type Line = { quantity: number | string; unit_price: string; total_amount: string } & Record<string, unknown>

function goodsOf(request: unknown): CreateGoods {
  const goods = parse(createOperation, request)
  if (goods.type === 'sale' || goods.type === 'return' || goods.type === 'exchange') return goods
  throw new Error('not a goods movement')
}

function linesOf(lines: readonly Line[]) {
  return lines.map((line) => ({ sku_identifier: 'A', title: 'Ware', taxes: [], ...line }))
}

function movement(type: Record<string, unknown>, lines: readonly Line[], cart: readonly string[] = []) {
  return goodsOf({
    ...type,
    line_items: linesOf(lines),
    ...(cart.length > 0 && { cart_level_discounts: cart.map((amount) => ({ amount })) }),
  })
}

function line(quantity: number | string, unit_price: string, total_amount: string, ...discounts: string[]): Line {
  return {
    quantity,
    unit_price,
    total_amount,
    ...(discounts.length > 0 && { discounts: discounts.map((amount) => ({ amount })) }),
  }
}

function detailsOf(goods: CreateGoods) {
  const { code, details } = refusalOf(() => checkLineTotals(goods))
  expect(code).toBe('amount_mismatch')
  return [details['line_index'], details['expected_total_amount']]
}

test.each(goodsExamples)('the published example adds up: %s', (_name, request) => {
  expect(() => checkLineTotals(goodsOf(request))).not.toThrow()
})

describe('the total of a line is its quantity times its price, less its discounts', () => {
  test.each([
    ['one piece', line(1, '47.50', '47.50')],
    ['several pieces', line(3, '10.00', '30.00')],
    ['six for 5.00', line(6, '0.83', '5.00')],
    ['six for 5.00, rounded up', line(6, '0.834', '5.00')],
    ['a pump', line('40.02', '1.799', '72.00')],
    ['a pump that cuts', line('40.02', '1.799', '71.99')],
    ['a weight', line('0.347', '28.87', '10.02')],
    ['hours', line(1.333333, '60.00', '80.00')],
    ['a discount', line(1, '10.00', '8.00', '2.00')],
    ['a discount of half a cent', line(1, '8.90', '8.46', '0.445')],
    ['the same, rounded down', line(1, '8.90', '8.45', '0.445')],
    ['a discount spread over pieces', line(3, '9.99', '26.97', '1.00', '2.00')],
    ['all taken off', line(2, '5.00', '0.00', '10.00')],
    ['free', line(1, '0.00', '0.00')],
    ['nothing', line(0, '5.00', '0.00')],
    ['a price of three decimals', line(1, '1.005', '1.01')],
    ['the same, rounded down', line(1, '1.005', '1.00')],
  ])('%s passes', (_name, sold) => {
    expect(() => checkLineTotals(movement(sale, [sold]))).not.toThrow()
  })

  test.each([
    ['an undeclared difference', line(3, '10.00', '5.00'), '30.00'],
    ['a cent', line(1, '10.00', '9.99'), '10.00'],
    ['more than the price', line(1, '10.00', '10.01'), '10.00'],
    ['a net price', line(1, '100.00', '119.00'), '100.00'],
    ['a price that is reduced already, next to its discount', line(1, '8.00', '8.00', '2.00'), '6.00'],
    ['a rounded weight', line('0.250', '28.87', '28.87'), '7.22'],
    ['rounded hours', line(1.33, '60.00', '80.00'), '79.80'],
    ['half a cent and a millionth', line('1.000001', '1.005000', '1.00'), '1.01'],
    ['a quantity below one has half a cent, no less', line('0.5', '10.00', '5.01'), '5.00'],
    ['a discount of more than the price', line(1, '5.00', '0.00', '6.00'), '-1.00'],
    ['nothing at a price', line(0, '5.00', '5.00'), '0.00'],
    ['a total above 0 of goods that come back', line(-1, '5.00', '5.00'), '-5.00'],
    ['the same by its price', line(2, '-5.00', '10.00'), '-10.00'],
    ['half a cent a piece and no more', line(6, '0.83', '5.02'), '4.98'],
  ])('%s is refused with the right total', (_name, sold, expected) => {
    const good = line(1, '1.00', '1.00')
    expect(detailsOf(movement(sale, [good, sold]))).toEqual([1, expected])
  })

  test('a refusal names the member, both amounts and how the right one is made', () => {
    const { message, details } = refusalOf(() => checkLineTotals(movement(sale, [line(3, '10.00', '5.00', '1.00')])))
    expect(message).toBe('Line 0 is 3 × 10.00 less discounts of 1.00 = 29.00, but its total_amount is 5.00.')
    expect(details).toEqual({
      pointer: '/line_items/0/total_amount',
      line_index: 0,
      total_amount: '5.00',
      expected_total_amount: '29.00',
    })
  })
})

describe('goods that come back', () => {
  const forms = [line(1, '-12.00', '-12.00'), line(-1, '12.00', '-12.00'), line(1, '12.00', '-12.00')]

  test.each([...forms, line(-1, '-12.00', '-12.00'), line(-2, '6.50', '-12.00', '1.00'), line(1, '0.00', '0.00')])(
    'are a negative total, with any signs of quantity and price: %j',
    (back) => {
      expect(() => checkLineTotals(movement(returnOfSale, [back]))).not.toThrow()
      expect(() => checkLineTotals(movement(exchangePaid, [back, line(2, '3.00', '6.00')]))).not.toThrow()
    },
  )

  test.each([
    [line(1, '-12.00', '-10.00'), '-12.00'],
    [line(-3, '10.00', '-5.00'), '-30.00'],
    [line(1, '12.00', '-8.00', '2.00'), '-10.00'],
    [line(1, '12.00', '0.00'), '-12.00'],
  ])('are refused with the right total: %j', (back, expected) => {
    expect(detailsOf(movement(returnOfSale, [back]))).toEqual([0, expected])
  })
})

describe('with discounts of the cart', () => {
  test.each([
    ['prices before it', [line(1, '30.00', '27.00'), line(2, '10.00', '18.00')], ['5.00']],
    ['prices after it', [line(1, '27.00', '27.00'), line(2, '9.00', '18.00')], ['5.00']],
    ['prices of one line only before it', [line(1, '30.00', '25.00'), line(2, '9.00', '18.00')], ['5.00']],
    ['several discounts', [line(1, '30.00', '25.00'), line(1, '20.00', '20.00')], ['2.00', '3.00']],
    ['a discount of a line as well', [line(1, '30.00', '24.00', '1.00'), line(1, '20.00', '20.00')], ['5.00']],
    ['everything for nothing', [line(3, '0.333', '0.00')], ['1.00']],
    ['shares of pump and weight', [line('40.02', '1.799', '67.00'), line('0.347', '28.87', '10.02')], ['5.00']],
  ])('lines pass: %s', (_name, lines, cart) => {
    expect(() => checkLineTotals(movement(sale, lines, cart))).not.toThrow()
  })

  test.each([
    ['one line lacks more than the discount', [line(3, '10.00', '5.00')], ['5.00'], [0, '25.00']],
    ['lines lack less', [line(1, '30.00', '29.00'), line(1, '20.00', '20.00')], ['5.00'], [0, '27.00']],
    ['a line exceeds its price', [line(1, '30.00', '24.00'), line(1, '20.00', '21.00')], ['5.00'], [1, '20.00']],
    ['a price that a discount of the line reduced already', [line(1, '8.00', '8.00', '2.00')], ['5.00'], [0, '6.00']],
  ])('lines are refused: %s', (_name, lines, cart, details) => {
    expect(detailsOf(movement(sale, lines, cart))).toEqual(details)
  })

  test('the message names the missing members of the lines', () => {
    const goods = movement(sale, [line(1, '30.00', '29.00'), line(1, '20.00', '20.00')], ['5.00'])
    expect(refusalOf(() => checkLineTotals(goods)).message).toBe(
      'The lines are 1.00 below their prices, but cart_level_discounts are 5.00: a matching total of line 0 is 27.00.',
    )
  })
})

test('goods sold by the piece, reduced and rounded, add up; a cent a piece more does not', () => {
  const sold = fc.record({
    quantity: fc.integer({ min: 1, max: 99 }),
    price: fc.bigInt({ min: 1n, max: 99_999n }),
    off: fc.bigInt({ min: 0n, max: 100n }),
    back: fc.boolean(),
  })
  fc.assert(
    fc.property(sold, ({ quantity, price, off, back }) => {
      const cents = BigInt(quantity) * price - (off > price ? 0n : off)
      const sign = back ? -1n : 1n
      const discounts = off > 0n && off <= price ? [formatCents(off)] : []
      const lineOf = (total: bigint) => line(quantity, formatCents(price), formatCents(sign * total), ...discounts)
      const type = back ? returnOfSale : sale
      expect(() => checkLineTotals(movement(type, [lineOf(cents)]))).not.toThrow()
      expect(detailsOf(movement(type, [lineOf(cents + BigInt(quantity))]))).toEqual([0, formatCents(sign * cents)])
    }),
  )
})
