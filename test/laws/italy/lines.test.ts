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

test.each(TYPES)('a negative line of a sale is refused and never left out of the paper: %s', (type) => {
  const sale = goods('sale', '8.00', line('Pane', '10.00', 'item'), line('Vuoto', '-2.00', type))
  expect(() => soldLines(sale, SETTINGS)).toThrow(
    expect.objectContaining({
      code: 'unprocessable_entity',
      fiscalEffect: 'none',
      details: { pointer: '/line_items/1/total_amount' },
    }),
  )
})

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
