import { expect, test } from 'vitest'
import type { StoredEvent } from '../../../agent/journal/events.ts'
import { writeDep131 } from '../../../agent/regimes/rksv/dep131.ts'

const EVENTS = 500
const EVERYTHING = { from: '', to: '~', units: [] }

function eventAt(seq: number): StoredEvent {
  const empty = Buffer.alloc(0)
  const stored = { at: '2026-03-02T08:00:00.000Z', boot: '', mono: '0', hash: empty }
  return { ...stored, seq, kind: 'operation.completed', op: `op_${seq}`, body: '{"answer":{"to":1}}' }
}

test('of a protocol few documents are read in one go', async () => {
  let read = 0
  const portions: number[] = []
  const view = {
    portionAfter: (after: number, limit: number) =>
      Array.from({ length: Math.min(limit, EVENTS - after) }, (_, index) => eventAt(after + index + 1)),
    document: (id: string) => {
      read++
      return { id, register_id: 'reg_1', type: 'sale', status: 'completed' }
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

test('what a till calls its goods, cashiers and receipts is text to whoever opens the protocol, and one row', async () => {
  const said = '=HYPERLINK("http://evil.example")'
  const line = { quantity: -1, unit_price: '4.50', total_amount: '-4.50', taxes: [{ rate: '0.10' }] }
  const document = {
    ...{
      id: 'op_1',
      register_id: 'reg_1',
      type: 'return',
      status: 'voided',
      external_id: '@SUM(1)',
      tip_amount: '0.00',
    },
    ...{ operator_name: `${said};`, void_reason: '+1' },
    ...{ payments: [{ method: 'cash', amount: '-4.50', status: 'refunded' }], $signed_statuses: ['refunded'] },
    line_items: [
      { ...line, title: '-10 % Brot' },
      { ...line, title: 'a\r\nb\u001b[2J\u202e' },
    ],
  }
  const view = { portionAfter: (after: number) => (after === 0 ? [eventAt(1)] : []), document: () => document }
  let written = ''
  for await (const text of writeDep131(view, 'reg_1', EVERYTHING)) written += text
  const [, first, second, ...rest] = written.split('\n')
  expect(first).toContain(`;"'=HYPERLINK(""http://evil.example"");";op_1;;return.voided;'-10 % Brot;-1;4.50;-4.50;`)
  expect(first).toContain(`;cash:-4.50;'@SUM(1);'+1;`)
  expect(second).toContain(';a\\u000d\\u000ab\\u001b[2J\\u202e;-1;')
  expect(rest).toEqual([''])
})
