// @module-tag heavy
import { expect, test } from 'vitest'
import type { OrdersMark } from '../../agent/journal/events.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { event, goods, order, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import type { Line } from './insider.ts'
import { codesAfter } from './insider.ts'

// The insider leaves the signed texts alone and edits what an event does to the open lines: a beer that no list shows is
// never billed. He signs the journal again.

const BEER: Members = { title: 'Bier', sku_identifier: 'beer', unit_price: '4.00' }
const SOUP: Members = { title: 'Suppe', sku_identifier: 'soup', unit_price: '6.00' }

type Lines = Parameters<typeof order>[1]

function beers(quantity: number | string, more: Members = {}): Lines[number] {
  return [(4 * Number(quantity)).toFixed(2), '0.19', { ...BEER, quantity, ...more }]
}

function soups(quantity: number): Lines[number] {
  return [(6 * quantity).toFixed(2), '0.07', { ...SOUP, quantity }]
}

async function ordered({ id, till }: Register, group: string, lines: Lines, more: Members = {}): Promise<Operation> {
  return till.complete(await till.create(order(id, lines, { allocation_group: group, ...more })), [])
}

async function billed({ id, till }: Register, group: string, lines: Lines): Promise<Operation> {
  const open = await till.create(goods('sale', id, lines, { allocation_group: group }))
  return till.complete(open, [pay('card', String((open as Members)['total_amount']))])
}

async function moved({ id, till }: Register, from: string, to: string, more: Members = {}): Promise<void> {
  await till.create(event('order_move', id, { from_allocation_group: from, allocation_group: to, ...more }))
}

async function reversed({ id, till }: Register, bill: Operation): Promise<void> {
  await till.create(event('void', id, { related_operation_id: bill.id }))
}

/** Five beers and soups on one table, two of each moved to another, one beer billed and the bill voided. */
async function evening(bench: Bench): Promise<void> {
  const register = await bench.till('50.00')
  await ordered(register, 'T1', [beers(5), soups(5)])
  await ordered(register, 'T2', [beers(2), soups(2)])
  await moved(register, 'T2', 'T4')
  await reversed(register, await billed(register, 'T1', [beers(1)]))
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
}

type Edit = (orders: OrdersMark) => OrdersMark | undefined

function lessFirst({ added = [], ...rest }: OrdersMark): OrdersMark {
  return { ...rest, added: added.map((line, place) => (place === 0 ? { ...line, quantity: '100000000' } : line)) }
}

function withAdded(change: Members): Edit {
  return ({ added = [], ...rest }) => ({ ...rest, added: added.map((line) => ({ ...line, ...change })) })
}

const [ORDER, BILL, VOID, MOVE] = ['an order', 'a bill', 'a void', 'a move'] as const

/** The kind of event and its present members, by which the edits are chosen. */
function whose({ kind, body }: Line): string | undefined {
  const orders = body['orders'] as OrdersMark | undefined
  if (orders?.moved !== undefined) return MOVE
  if (kind === 'operation.reversal_requested') return orders && VOID
  return orders?.added === undefined ? orders && BILL : ORDER
}

test.each<[string, string, Edit]>([
  [ORDER, 'without its last line', ({ added = [], ...rest }) => ({ ...rest, added: added.slice(0, -1) })],
  [ORDER, 'with fewer pieces', lessFirst],
  [ORDER, 'without all of them', () => undefined],
  [ORDER, 'at another location', (orders) => ({ ...orders, location: 'loc_other' })],
  [ORDER, 'of another article', withAdded({ sku: 'water' })],
  [ORDER, 'of another table', withAdded({ group: 'T9' })],
  [ORDER, 'recorded at another table', withAdded({ born: 'T9' })],
  [ORDER, 'older than they are', withAdded({ since: 1 })],
  [BILL, 'that it leaves open', () => undefined],
  [BILL, 'more than it bills', ({ taken = [], ...rest }) => ({ ...rest, taken: [...taken, ...taken] })],
  [VOID, 'that stay settled', () => undefined],
  [VOID, 'more than its bill settled', withAdded({ quantity: '900000000' })],
  [VOID, 'that were never so old', withAdded({ since: 1 })],
  [
    MOVE,
    'to another table',
    ({ moved: all = [], ...rest }) => ({ ...rest, moved: all.map((one) => ({ ...one, to: 'T9' })) }),
  ],
  [MOVE, 'fewer than it names', ({ moved: all = [], ...rest }) => ({ ...rest, moved: all.slice(1) })],
  [MOVE, 'none of which it moves', () => undefined],
])('the open lines of %s, edited to be those %s, differ from its document', async (what, _how, edit) => {
  await using bench = await Bench.open({ edits: true })
  await evening(bench)
  const codes = await codesAfter(bench, (line) => {
    if (whose(line) !== what) return line
    const { orders, ...body } = line.body
    const edited = edit(orders as OrdersMark)
    return { ...line, body: { ...body, ...(edited !== undefined && { orders: edited }) } }
  })
  expect(codes).toContain('open_lines_differ')
})

test('a sale that was edited to open or settle lines of a table differs from its document', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  const { id, till } = register
  const done = await ordered(register, 'T1', [beers(2)])
  const line = String((done as { line_items?: { id: string }[] }).line_items?.[0]?.id)
  const sale = await till.create(goods('sale', id, [beers(2)]))
  await till.complete(sale, [pay('card', '8.00')])
  const taken = [{ line, group: 'T1', quantity: '200000000' }]
  const location = String((done as Members)['location_id'])
  const codes = await codesAfter(bench, (one) =>
    one.op === sale.id && one.kind === 'operation.completion_requested'
      ? { ...one, body: { ...one.body, orders: { location, taken } } }
      : one,
  )
  expect(codes).toEqual(['open_lines_differ'])
})

test('an honest evening of every change of open lines has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  const { id, till } = register
  const first = await ordered(register, 'T1', [beers(3), beers('0.5'), soups(2)])
  const line = (place: number) => String((first as { line_items?: { id: string }[] }).line_items?.[place]?.id)
  await ordered(register, 'T1', [beers(-1), soups(1), beers('-0.25', { order_line_id: line(0) })])
  await ordered(register, 'T1', [beers(-9), beers(9)], { training: true })
  await moved(register, 'T1', 'T2', { line_items: [{ order_line_id: line(0), quantity: '0.333333' }] })
  await reversed(register, await billed(register, 'T2', [beers(1, { order_line_id: line(0) }), beers(4)]))
  const half = await billed(register, 'T1', [beers('0.333333'), soups(1)])
  await reversed(register, half)
  const late = await till.create(order(id, [], { allocation_group: 'T3' }))
  const { line_items } = order(id, [beers(2), soups(1)])
  await till.complete(late, [], { line_items })
  const begun = await till.create(goods('sale', id, [beers(1)]))
  const { type: _, ...amended } = goods('sale', id, [beers(1), soups(1)], { allocation_group: 'T3' })
  const bill = await till.amend(begun, amended)
  const { total_amount, tax_amount, pretax_amount, tip_amount, ...last } = goods('sale', id, [beers(2)])
  const sums = { total_amount, tax_amount, pretax_amount, tip_amount }
  const answer = await till.call({
    path: `/v1/operations/${bill.id}/complete`,
    body: { payments: [pay('card', '8.00')], line_items: last['line_items'], ...sums },
    key: 'last',
    ifMatch: 2,
  })
  expect(answer.status, answer.text).toBe(200)
  const staff = goods('employee_benefit', id, [soups(1)], { allocation_group: 'T3', customer: { name: 'Ada' } })
  await till.complete(await till.create(staff), [])
  await bench.fault('unplugged@*')
  await ordered(register, 'T5', [beers(1)])
  await moved(register, 'T5', 'T6')
  await reversed(register, await billed(register, 'T6', [beers(1), soups(1)]))
  expect(await codesAfter(bench, (one) => one)).toEqual([])
})
