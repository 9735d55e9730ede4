// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Client, Members } from '../client.ts'
import { completion, processData } from '../client.ts'
import { event, goods, order, pay } from '../goods.ts'

/** Of the most bytes: each character takes four in an event. */
const LONG = '"'.repeat(255)
const LINES_AN_ORDER = 100
const TOO_LARGE = {
  status: 413,
  code: 'payload_too_large',
  message: expect.stringContaining('in several operations'),
  fiscal_effect: 'none',
}

/** Orders of a hundred lines each. */
async function ordered(till: Client, id: string, group: string, sku: string, orders: number): Promise<void> {
  const lines = Array.from({ length: LINES_AN_ORDER }, () => ['0.10', '0.19', { sku_identifier: sku }] as const)
  for (let count = 0; count < orders; count++)
    await till.complete(await till.create(order(id, lines, { allocation_group: group })), [])
}

async function countOf(till: Client, group: string): Promise<number> {
  const [only] = await till.list(`/v1/allocation-groups?allocation_group=${encodeURIComponent(group)}`)
  return ((only?.['open_lines'] ?? []) as Members[]).length
}

test('a location has at most 5,000 open lines, and a move or bill of too many is refused unrecorded', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  await ordered(till, id, 'Saal', 'cup', 40)
  await ordered(till, id, 'Tisch 7', LONG, 10)
  const move = (from: string, more: Members = {}) =>
    event('order_move', id, { from_allocation_group: from, allocation_group: 'Hof', ...more })
  const bill = (sku: string, quantity: number) => {
    const total = (quantity / 10).toFixed(2)
    const line = { sku_identifier: sku, quantity, unit_price: '0.10' }
    return goods('sale', id, [[total, '0.19', line]], { allocation_group: sku === 'cup' ? 'Saal' : 'Tisch 7' })
  }
  const refused = async (call: Parameters<Client['refused']>[0]) => {
    const head = bench.head()
    const refusal = await till.refused(call)
    expect(bench.requestedSince(head)).toEqual([])
    return refusal
  }
  expect(await refused({ path: '/v1/operations', body: order(id, [['0.10', '0.19']]) })).toMatchObject({
    status: 422,
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { limit: 5000, open_lines: 5000, pointer: '/line_items' },
  })
  for (const from of ['Saal', 'Tisch 7'])
    expect(await refused({ path: '/v1/operations', body: move(from) })).toMatchObject(TOO_LARGE)
  const some = { line_items: [{ sku_identifier: LONG, quantity: 100 }] }
  const moved = await till.create(move('Tisch 7', some))
  expect(processData(moved).split('\r').at(-1)).toMatch(/^\+\d+$/)
  expect([await countOf(till, 'Tisch 7'), await countOf(till, 'Hof')]).toEqual([900, 100])
  const open = await till.create(bill(LONG, 900))
  expect(await refused(completion(open, [pay('cash', '90.00')]))).toMatchObject(TOO_LARGE)
  await till.void(open)
  for (const [group, sku, most, left] of [
    ['Saal', 'cup', 4000, 0],
    ['Tisch 7', LONG, 700, 200],
  ] as const) {
    const done = await till.complete(await till.create(bill(sku, most)), [pay('cash', (most / 10).toFixed(2))])
    expect(await countOf(till, group)).toBe(left)
    await till.create(event('void', id, { related_operation_id: done.id, reason: '"'.repeat(1000) }))
    expect(await countOf(till, group)).toBe(most + left)
  }
  const longest = Math.max(...bench.journal().map((line) => Buffer.byteLength(JSON.stringify(line))))
  expect(longest).toBeLessThan(1 << 20)
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
