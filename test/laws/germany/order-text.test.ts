import { expect, test } from 'vitest'
import { orderTextOf } from '../../../agent/laws/germany/books/order-text.ts'
import { orderText, readOrder } from '../../../agent/laws/germany/order-text.ts'
import { Random } from './dsfinvk/random.ts'

type Line = Parameters<typeof orderText>[0][number]

function line(more: Partial<Line> & { total_amount: string }): Line {
  return {
    sku_identifier: 'sku',
    title: 'Ware',
    quantity: 1,
    unit_price: more.total_amount,
    taxes: [{ name: 'USt', rate: '0.19', tax_amount: '0.00' }],
    ...more,
  }
}

function twice(lines: readonly Line[]): readonly [string, string] {
  const shown = JSON.parse(JSON.stringify({ type: 'order', line_items: lines }))
  return [orderText([...lines]), orderTextOf({ shown, own: {}, law: {} })]
}

test.each<[string, Partial<Line> & { total_amount: string }]>([
  [
    '2;"Eisbecher ""Himbeere""";3.99',
    { title: 'Eisbecher "Himbeere"', quantity: 2, unit_price: '3.99', total_amount: '7.98' },
  ],
  ['-1;"Eisbecher";3.99', { title: 'Eisbecher', quantity: -1, unit_price: '3.99', total_amount: '-3.99' }],
  [
    '0.5;"Käseplatte (1/2)";12.40',
    { title: 'Käseplatte (1/2)', quantity: '0.5', unit_price: '12.40', total_amount: '6.20' },
  ],
  ['1.333;"Ware";1.50', { quantity: '1.333333', unit_price: '1.50', total_amount: '2.00' }],
  ['10;"Ware";0.12', { quantity: 10, unit_price: '0.125', total_amount: '1.25' }],
  ['3;"Ware";0.33', { quantity: 3, unit_price: '0.333', total_amount: '1.00' }],
  ['1;"sku";1.00', { title: ' \u200b\t', total_amount: '1.00' }],
  ['1;"-";1.00', { title: ' ', sku_identifier: ' ', total_amount: '1.00' }],
  ['1;"a b c d";1.00', { title: 'a\r\nb\tc\u2028d', total_amount: '1.00' }],
  ['1;"abc";1.00', { title: 'a\u0007b\u202ec', total_amount: '1.00' }],
  [`1;"${'x'.repeat(254)}";1.00`, { title: `${'x'.repeat(254)}😀`, total_amount: '1.00' }],
  ['-2;"Wasser";0.00', { title: 'Wasser', quantity: -2, unit_price: '0.00', total_amount: '0.00' }],
])('a line is signed as the row of the books has it, computed twice: %s', (text, more) => {
  expect(twice([line(more)])).toEqual([text, text])
})

test('a CR is between the lines of an order, and none after the last one', () => {
  const lines = [line({ total_amount: '1.00' }), line({ title: 'Kaffee', total_amount: '2.00' })]
  expect(twice(lines)[0]).toBe('1;"Ware";1.00\r1;"Kaffee";2.00')
})

test('any lines give the same text twice, and it can be read back', () => {
  const random = new Random(7)
  const below = (limit: number) => random.int(limit)
  const letters = ['a', '"', '""', ' ', '\t', '\r\n', '\u202e', 'ä', '😀', ';', '\u2028', '\u0007', 'Ω']
  for (let round = 0; round < 400; round++) {
    const lines = Array.from({ length: 1 + below(4) }, () => {
      const cents = below(100_000)
      const thousandths = 1 + below(9000)
      const price = (cents / 100 / (thousandths / 1000)).toFixed(below(7) + 2)
      const sign = below(3) === 0 ? '-' : ''
      return line({
        title: Array.from({ length: below(12) }, () => letters[below(letters.length)]).join(''),
        quantity: `${sign}${(thousandths / 1000).toFixed(3 + below(4))}`,
        unit_price: price,
        total_amount: `${cents === 0 ? '' : sign}${(cents / 100).toFixed(2)}`,
      })
    })
    const [text, again] = twice(lines)
    expect(again, JSON.stringify(lines)).toBe(text)
    expect(readOrder(text), text).toHaveLength(lines.length)
  }
})
