import { expect, test } from 'vitest'
import type { Document } from '../../../agent/journal/documents/document.ts'
import type { OperationKind } from '../../../agent/journal/documents/kind.ts'
import type { Parts, StoredEvent } from '../../../agent/journal/events.ts'
import { writeDep131 } from '../../../agent/laws/austria/dep131.ts'
import { documentOf } from '../../some-document.ts'

const EVENTS = 500
const EVERYTHING = { from: '', to: '~', units: [] }

function eventAt(seq: number): StoredEvent {
  const empty = Buffer.alloc(0)
  const stored = { at: '2026-03-02T08:00:00.000Z', boot: '', mono: '0', hash: empty }
  return { ...stored, seq, kind: 'operation.completed', op: `op_${seq}`, body: '{"answer":{"to":1}}' }
}

function operation(document: { id: string; type: OperationKind }, own: Parts['own'] = {}): Document {
  return documentOf(document.type, { set: document, own })
}

test('few documents of a protocol are read per turn', async () => {
  let read = 0
  const portions: number[] = []
  const view = {
    portionAfter: (after: number, limit: number) =>
      Array.from({ length: Math.min(limit, EVENTS - after) }, (_, index) => eventAt(after + index + 1)),
    document: (id: string) => {
      read++
      return operation({
        id,
        type: 'sale',
        ...{ register_id: 'reg_1', status: 'completed', tip_amount: '0.00', line_items: [] },
      })
    },
  }
  let rows = 0
  for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) {
    rows += text.split('\n').length - 1
    portions.push(read)
    read = 0
  }
  expect([rows, portions.reduce((sum, count) => sum + count, 0)]).toEqual([EVENTS + 1, EVENTS])
  expect(Math.max(...portions)).toBeLessThanOrEqual(32)
})

const FIELD = 'Betrag-Satz-Ermaessigt-1'
const HEAD = 'item;quantity;unit_price;discount;gross'

/** From the name of the goods to their gross amount, of each row of the one operation. */
async function pricesOf(document: { type: OperationKind; [member: string]: unknown }): Promise<string[]> {
  const whole = { id: 'op_1', register_id: 'reg_1', status: 'completed', tip_amount: '0.00', ...document }
  const view = { portionAfter: (after: number) => (after === 0 ? [eventAt(1)] : []), document: () => operation(whole) }
  let written = ''
  for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) written += text
  const [head = '', ...rows] = written.trimEnd().split('\n')
  expect(head).toContain(`;${HEAD};rate;field;`)
  const first = head.split(';').indexOf('item')
  return rows.map((row) =>
    row
      .split(';')
      .slice(first, first + HEAD.split(';').length)
      .join(';'),
  )
}

function item(total_amount: string, more: object = {}) {
  const amounts = { quantity: 1, unit_price: total_amount, total_amount }
  return { sku_identifier: 'sku-1', title: 'Brot', ...amounts, taxes: [{ rate: '0.10', tax_amount: '0.00' }], ...more }
}

test('quantity times price plus discount is the gross amount: own discounts and the share of the cart', async () => {
  const own = item('8.00', { unit_price: '10.00', discounts: [{ amount: '2.00' }] })
  expect(await pricesOf({ type: 'sale', line_items: [own, item('3.00')] })).toEqual([
    'Brot;1;10.00;-2.00;8.00',
    'Brot;1;3.00;0.00;3.00',
  ])
  const cart = { type: 'sale' as const, cart_level_discounts: [{ amount: '5.00' }] }
  const before = [item('27.00', { unit_price: '30.00' }), item('18.00', { quantity: 2, unit_price: '10.00' })]
  expect(await pricesOf({ ...cart, line_items: before })).toEqual([
    'Brot;1;30.00;-3.00;27.00',
    'Brot;2;10.00;-2.00;18.00',
  ])
  const after = [item('30.00'), item('20.00', { quantity: 2, unit_price: '10.00' })]
  expect(await pricesOf({ ...cart, line_items: after })).toEqual([
    'Brot;1;33.00;-3.00;30.00',
    'Brot;2;11.00;-2.00;20.00',
  ])
  const both = item('26.00', { unit_price: '30.00', discounts: [{ amount: '1.00' }] })
  expect(await pricesOf({ ...cart, cart_level_discounts: [{ amount: '3.00' }], line_items: [both] })).toEqual([
    'Brot;1;30.00;-4.00;26.00',
  ])
})

test('returned goods are a negative quantity at their price, with any signs as sent; a void too', async () => {
  const discounts = [{ amount: '2.00' }]
  for (const signs of [
    { quantity: -1, unit_price: '10.00' },
    { quantity: 1, unit_price: '-10.00' },
    { quantity: 1, unit_price: '10.00' },
  ]) {
    expect(await pricesOf({ type: 'return', line_items: [item('-8.00', { ...signs, discounts })] })).toEqual([
      'Brot;-1;10.00;2.00;-8.00',
    ])
  }
  const reversed = item('-8.00', { unit_price: '-10.00', discounts: [{ amount: '-2.00' }] })
  expect(await pricesOf({ type: 'void', line_items: [reversed] })).toEqual(['Brot;-1;10.00;2.00;-8.00'])
  const ofReturn = item('8.00', { quantity: -1, unit_price: '-10.00', discounts: [{ amount: '-2.00' }] })
  expect(await pricesOf({ type: 'void', line_items: [ofReturn] })).toEqual(['Brot;1;10.00;-2.00;8.00'])
  const cart = { type: 'void' as const, cart_level_discounts: [{ amount: '-1.00' }] }
  expect(await pricesOf({ ...cart, line_items: [item('-9.00', { unit_price: '-10.00' })] })).toEqual([
    'Brot;-1;10.00;1.00;-9.00',
  ])
})

test('a title without visible characters is replaced by the article number, as on the receipt', async () => {
  const titles = ['', '  ', '\u200b', '\n', 'Semmel']
  const line_items = titles.map((title) => item('1.00', { title }))
  expect(await pricesOf({ type: 'sale', line_items })).toEqual([
    ...titles.slice(1).map(() => 'sku-1;1;1.00;0.00;1.00'),
    'Semmel;1;1.00;0.00;1.00',
  ])
})

test('names that a till gives its goods, cashiers and receipts are text to a reader of the protocol, and one row', async () => {
  const said = '=HYPERLINK("http://evil.example")'
  const line = { quantity: -1, unit_price: '4.50', total_amount: '-4.50', taxes: [{ rate: '0.10' }] }
  const document = {
    type: 'return' as const,
    ...{
      id: 'op_1',
      register_id: 'reg_1',
      status: 'voided',
      external_id: '@SUM(1)',
      tip_amount: '0.00',
    },
    ...{ operator_name: `${said};`, void_reason: '+1' },
    payments: [{ method: 'cash', amount: '-4.50', status: 'refunded' }],
    line_items: [
      { ...line, title: '-10 % Brot' },
      { ...line, title: 'a\r\nb\u001b[2J\u202e' },
    ],
  }
  const view = {
    portionAfter: (after: number) => (after === 0 ? [eventAt(1)] : []),
    document: () => operation(document, { counted_statuses: ['refunded'] }),
  }
  let written = ''
  for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) written += text
  const [, first, second, ...rest] = written.split('\n')
  expect(first).toContain(
    `;"'=HYPERLINK(""http://evil.example"");";op_1;;return.voided;'-10 % Brot;-1;4.50;0.00;-4.50;`,
  )
  expect(first).toContain(`;cash:-4.50;'@SUM(1);'+1;`)
  expect(second).toContain(';a\\u000d\\u000ab\\u001b[2J\\u202e;-1;')
  expect(rest).toEqual([''])
})

test('a line taken away before the end is a separate row after the goods, with its time and cashier', async () => {
  const taken = {
    ...item('4.80', { type: 'item', quantity: '2', unit_price: '2.40' }),
    cancelled_at: '2026-03-02T09:30:00.250Z',
  }
  const more = { line_items: [item('1.00')], cancelled_line_items: [taken, { ...taken, operator_id: 'u9' }] }
  const whole = { id: 'op_1', register_id: 'reg_1', tip_amount: '0.00', operator_id: 'u7', ...more }
  const rowsOf = async (document: object) => {
    const view = {
      portionAfter: (after: number) => (after === 0 ? [eventAt(1)] : []),
      document: () => operation({ ...whole, type: 'sale', ...document } as never),
    }
    let written = ''
    for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) written += text
    const [head = '', ...rows] = written.trimEnd().split('\n')
    const places = ['kind', 'item', 'quantity', 'unit_price', 'gross', 'field', 'utc', 'operator'].map((name) =>
      head.split(';').indexOf(name),
    )
    return rows.map((row) => places.map((place) => row.split(';')[place]))
  }
  const at = '2026-03-02T08:00:00.000Z'
  const line = ['sale.cancelled_line', 'Brot', '2', '2.40', '4.80', FIELD, '2026-03-02T09:30:00.250Z']
  expect(await rowsOf({ status: 'completed' })).toEqual([
    ['sale', 'Brot', '1', '1.00', '1.00', FIELD, at, 'u7'],
    [...line, 'u7'],
    [...line, 'u9'],
  ])
  const [voided, ...cancelled] = await rowsOf({ status: 'voided', line_items: [], training: true })
  expect(voided?.[0]).toBe('sale.voided.training')
  expect(cancelled.map(([kind]) => kind)).toEqual(['sale.training.cancelled_line', 'sale.training.cancelled_line'])
})
