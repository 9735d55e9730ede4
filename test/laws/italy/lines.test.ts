import { expect, test } from 'vitest'
import type { CreateGoods } from '../../../agent/contract/goods.ts'
import type { Goods } from '../../../agent/laws/italy/lines.ts'
import { returnedLines, soldLines } from '../../../agent/laws/italy/lines.ts'
import { departments } from '../../contracts/printer-bench.ts'

type Line = CreateGoods['line_items'][number]

const SETTINGS = { departments, giftCardDepartment: 'N2', tipDepartment: 'N1', roundingDepartment: 'N2' }
const TYPES = ['item', 'gift_card', 'container_deposit', 'service_charge', undefined] as const

function line(title: string, total: string, type: Line['type']): Line {
  const taxes = [{ name: 'IVA', rate: '0.22', tax_amount: '0.00' }]
  const price = { quantity: 1, unit_price: total, total_amount: total }
  return { sku_identifier: 'a', title, ...price, taxes, ...(type !== undefined && { type }) }
}

function goods(type: Goods['type'], total: string, ...lines: readonly Line[]): Goods {
  return { type, tip_amount: '0.00', total_amount: total, line_items: lines }
}

test.each(['item', 'gift_card', 'service_charge', undefined] as const)(
  'a negative line that neither document of a sale has is refused and never left out: %s',
  (type) => {
    const other = { ...line('Vuoto', '-2.00', type), sku_identifier: 'b' }
    const sale = goods('sale', '8.00', line('Pane', '10.00', 'item'), other)
    expect(() => soldLines(sale, SETTINGS)).toThrow(
      expect.objectContaining({
        code: 'unprocessable_entity',
        fiscalEffect: 'none',
        details: { pointer: '/line_items/1/total_amount' },
      }),
    )
  },
)

test.each(TYPES)('goods that a return hands out are refused and never left out of the paper: %s', (type) => {
  const back = goods('return', '-8.00', line('Pane', '-10.00', 'item'), line('Vuoto', '2.00', type))
  expect(() => returnedLines(back, SETTINGS)).toThrow(
    expect.objectContaining({ code: 'unprocessable_entity', details: { pointer: '/line_items/1/total_amount' } }),
  )
})

test.each(TYPES)('an exchange prints each line on one of its two documents: %s', (type) => {
  const exchange = goods('exchange', '8.00', line('Pane', '10.00', type), line('Vuoto', '-2.00', type))
  expect(soldLines(exchange, SETTINGS)).toMatchObject({ lines: [{ text: 'Pane' }], totalCents: 1000n })
  expect(returnedLines(exchange, SETTINGS)).toMatchObject({ lines: [{ text: 'Vuoto' }], totalCents: 200n })
})

test('a capture prints its deposit as a deduction', () => {
  const capture = goods('deposit_capture', '8.00', line('Pane', '10.00', 'item'), line('Acconto', '-2.00', 'deposit'))
  expect(soldLines(capture, SETTINGS)).toMatchObject({
    lines: [{ text: 'Pane' }],
    deductions: [{ reason: 'advance', amountCents: 200n, text: 'Acconto' }],
    totalCents: 800n,
  })
})

const OTHER = { related_operation_id: 'op_1' }

test('a sale prints empties and goods of another operation on its reso, and the rest on the sale', () => {
  const sale = goods(
    'sale',
    '3.00',
    line('Pane', '10.00', 'item'),
    line('Vuoto', '-2.00', 'container_deposit'),
    { ...line('Torta', '-3.00', 'item'), ...OTHER },
    line('Pane', '-2.00', 'item'),
  )
  expect(soldLines(sale, SETTINGS)).toMatchObject({ lines: [{ text: 'Pane' }], totalCents: 800n })
  expect(returnedLines(sale, SETTINGS)).toMatchObject({
    lines: [{ text: 'Vuoto' }, { text: 'Torta' }],
    totalCents: 500n,
  })
})

test('pieces that a sale takes off are one discount with that of the line, the first line of the article first', () => {
  const discounted = {
    ...line('Pane', '10.00', 'item'),
    ...{ unit_price: '12.00', discounts: [{ amount: '2.00', description: 'AMICI' }] },
  }
  const off = (title: string, total: string) => line(title, total, 'item')
  const other = { ...line('Torta', '4.00', 'item'), sku_identifier: 'b' }
  const lines = [discounted, other, off('Pane due', '5.00'), off('Pane', '-11.00'), off('Pane due', '-1.00')]
  const { lines: printed, totalCents } = soldLines(goods('sale', '7.00', ...lines), SETTINGS)
  expect(printed.map(({ text, adjustments }) => [text, adjustments])).toEqual([
    ['Pane', [{ kind: 'discount', amountCents: 1200n, text: 'AMICI + STORNO Pane' }]],
    ['Torta', undefined],
    ['Pane due', [{ kind: 'discount', amountCents: 200n, text: 'STORNO Pane + STORNO Pane due' }]],
  ])
  expect(totalCents).toBe(700n)
})

test('an article is distinguished by type, rate, natura and department, and more than it has is refused', () => {
  const bread = line('Pane', '10.00', 'item')
  const [tax] = bread.taxes
  const others: Line[] = [
    { ...bread, type: 'service_charge' },
    { ...bread, sku_identifier: 'b' },
    { ...bread, department: 'servizi' },
    { ...bread, taxes: [{ ...tax, name: 'IVA', rate: '0.10', tax_amount: '0.00' }] },
    { ...bread, taxes: [{ name: 'IVA', rate: '0', code: 'N2', tax_amount: '0.00' }] },
    { ...bread, total_amount: '9.99' },
  ]
  const off = line('Pane', '-10.00', 'item')
  for (const other of others)
    expect(() => soldLines(goods('sale', '0.00', other, off), SETTINGS)).toThrow(
      expect.objectContaining({ details: { pointer: '/line_items/1/total_amount' } }),
    )
  expect(soldLines(goods('sale', '0.00', bread, off), SETTINGS).totalCents).toBe(0n)
})

test('1,000 lines of which 500 take pieces off are planned in computing that grows with them, not with their square', () => {
  const sale = (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => ({
      ...line('Pane', '2.00', 'item'),
      sku_identifier: `sku ${index % 100}`,
    }))
    const off = lines.map((each) => ({ ...each, quantity: -1, unit_price: '2.00', total_amount: '-2.00' }))
    return goods('sale', '0.00', ...lines, ...off)
  }
  const spent = (count: number) => readsOf(sale(count), (read) => soldLines(read, SETTINGS))
  const [small, large] = [spent(50), spent(500)]
  expect(large / small).toBeLessThan(12)
})

/** The members of lines that a plan reads. */
function readsOf(sale: Goods, plan: (sale: Goods) => unknown): number {
  let reads = 0
  const counted = (one: Line): Line =>
    new Proxy(one, {
      get: (target, name, receiver) => {
        reads += 1
        return Reflect.get(target, name, receiver) as unknown
      },
    })
  plan({ ...sale, line_items: sale.line_items.map(counted) })
  return reads
}
