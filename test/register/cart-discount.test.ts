import { expect, test } from 'vitest'
import type { CreateGoods } from '../../agent/contract/goods.ts'
import { cartShares } from '../../agent/register/cart-discount.ts'

type Line = CreateGoods['line_items'][number]

function line(total: string, more: Partial<Line> = {}): Line {
  return {
    ...{ sku_identifier: 'A', title: 'Ware', quantity: 1, unit_price: total, total_amount: total, taxes: [] },
    ...more,
  }
}

function pfand(total: string, more: Partial<Line> = {}) {
  return line(total, { type: 'container_deposit', ...more })
}

function shares(lines: readonly Line[], ...amounts: string[]) {
  return cartShares({ line_items: lines, cart_level_discounts: amounts.map((amount) => ({ amount })) })
}

test('Pfand takes no share of a discount of the cart that the prices do not name', () => {
  expect(shares([line('1.50'), pfand('0.25'), line('4.50'), pfand('0.08')], '0.50')).toEqual([13n, 0n, 37n, 0n])
  expect(shares([line('0.00'), pfand('0.25')], '3.00')).toEqual([300n, 0n])
})

test('prices before a discount of the cart name each share, of Pfand as well', () => {
  const beer = line('9.00', { unit_price: '10.00' })
  expect(shares([beer, pfand('0.25')], '1.00')).toEqual([100n, 0n])
  expect(shares([beer, pfand('0.20', { unit_price: '0.25' })], '1.05')).toEqual([100n, 5n])
})

test('Pfand takes the whole discount in a cart of nothing else that takes a share', () => {
  expect(shares([pfand('0.25'), pfand('0.75')], '0.20')).toEqual([5n, 15n])
  const others = [line('50.00', { type: 'gift_card' }), line('2.00', { type: 'service_charge' })]
  expect(shares([...others, pfand('1.00')], '0.20')).toEqual([0n, 0n, 20n])
})

test('gift cards and service charges take the whole discount only in a cart of nothing else', () => {
  const others = [line('30.00', { type: 'gift_card' }), line('10.00', { type: 'service_charge' })]
  expect(shares(others, '4.00')).toEqual([300n, 100n])
  expect(shares([...others, line('1.00'), pfand('0.25')], '4.00')).toEqual([0n, 0n, 400n, 0n])
})
