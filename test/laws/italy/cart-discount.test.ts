import { expect, test } from 'vitest'
import { soldLines } from '../../../agent/laws/italy/lines.ts'
import { departments } from '../../contracts/printer-bench.ts'

test('the printer takes a discount of the cart off the goods and not off a container deposit', () => {
  const line = (title: string, total: string, more: object = {}) => ({
    ...{ sku_identifier: 'a', title, quantity: 1, unit_price: total, total_amount: total },
    ...{ taxes: [{ name: 'IVA', rate: '0.22', tax_amount: '0.00' }], ...more },
  })
  const goods = {
    ...{
      type: 'sale' as const,
      tip_amount: '0.00',
      total_amount: '2.23',
      cart_level_discounts: [{ description: 'Soci', amount: '0.17' }],
    },
    line_items: [line('Birra', '1.98'), line('Vuoto', '0.25', { type: 'container_deposit' as const })],
  }
  const { lines, totalCents } = soldLines(goods, {
    departments,
    giftCardDepartment: 'N2',
    tipDepartment: 'N1',
    roundingDepartment: 'N2',
  })
  expect(lines.map(({ text, adjustments = [] }) => [text, adjustments.map(({ amountCents }) => amountCents)])).toEqual([
    ['Birra', [17n]],
    ['Vuoto', []],
  ])
  expect(totalCents).toBe(223n)
})
