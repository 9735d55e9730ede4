// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { completion } from '../e2e/client.ts'
import { goods, pay } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { amendedAtEnd, findingsAfter, rewriteEvents } from './insider.ts'

// A cashier takes the whole amount and then takes a line off the sale that is still open. The record of the cancelled
// line is all that shows it, so the insider edits that record and signs the journal again.

type Cancelled = { quantity: string }

function basket({ id }: Register, cakes: number): Members {
  return goods('sale', id, [[`${cakes * 5}.00`, '0.07', { title: 'Torte', quantity: cakes, unit_price: '5.00' }]])
}

/** Three cakes, two of them taken off: one by an amendment, one with the completion. */
async function skimmed(bench: Bench): Promise<string> {
  const register = await bench.till('50.00')
  const { till } = register
  const open = await till.create(basket(register, 3))
  await till.amend(open, basket(register, 2))
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = basket(register, 1)
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const done = await till.call({ ...completion(open, [pay('cash', '5.00')], last), ifMatch: 2 })
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '5.00' })
  expect(done.json['cancelled_line_items']).toMatchObject([{ quantity: '1' }, { quantity: '1' }])
  return open.id
}

function edited(bench: Bench, id: string, change: (cancelled: readonly Cancelled[]) => readonly Cancelled[]) {
  const edit = (line: Line): Line => {
    const set = line.body['set'] as { cancelled_line_items?: readonly Cancelled[] } | undefined
    if (line.op !== id || set?.cancelled_line_items === undefined) return line
    const { cancelled_line_items: cancelled, ...more } = set
    const left = change(cancelled)
    return { ...line, body: { ...line.body, set: { ...more, ...(left.length > 0 && { cancelled_line_items: left }) } } }
  }
  return findingsAfter(bench, edit)
}

test('lines that were taken away and left out of the journal are missing next to the goods before', async () => {
  await using bench = await Bench.open({ edits: true })
  const id = await skimmed(bench)
  const one = '1 × Torte 5.00'
  expect(await edited(bench, id, () => [])).toMatchObject([
    { code: 'cancelled_lines_differ', level: 'error', facts: { operation: id, stated: '–', counted: one } },
    { code: 'cancelled_lines_differ', level: 'error', facts: { operation: id, stated: '–', counted: one } },
  ])
})

test('a cancelled line that was made smaller differs from the goods before', async () => {
  await using bench = await Bench.open({ edits: true })
  const id = await skimmed(bench)
  const codes = await edited(bench, id, ([first, ...more]) =>
    first === undefined ? [] : [{ ...first, quantity: '0.1' }, ...more],
  )
  expect(codes).toMatchObject([{ code: 'cancelled_lines_differ', facts: { stated: '0.1 × Torte 5.00' } }])
})

test.each([
  ['what was taken away', { cancelled_line_items: [] }],
  ['discounts of the cart', { cart_level_discounts: [] }],
  ['payments', { payments: [] }],
  ['the status', { status: 'voided' }],
])('%s that an event after the end replaces are a change of the operation', async (_what, set) => {
  await using bench = await Bench.open({ edits: true })
  const id = await skimmed(bench)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => amendedAtEnd(lines, id, set)))
  expect((await verifyJournal(bench.config.state)).codes).toMatchObject([
    { code: 'operation_changed', level: 'error', facts: { operation: id } },
  ])
})

test('an honest operation that was amended, completed with other goods and amended again has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  await skimmed(bench)
  expect((await verifyJournal(bench.config.state)).codes).toEqual([])
})
