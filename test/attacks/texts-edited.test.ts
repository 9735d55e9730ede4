// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { counted } from '../e2e/shift.ts'
import { verifyJournal } from '../verified-journal.ts'
import { rewriteEvents } from './insider.ts'

// No signed text names customer, cashier, remark or time of the till. The insider appends an event that sets another one,
// long after the till was answered, and signs the journal again.

type Ids = { sale: string; count: string }

/** A sale with a customer, whose receipt is issued later, and the count of the drawer. */
async function day({ id, till }: Register): Promise<Ids> {
  const more = { customer: { name: 'Ada' }, note: 'für Oma', operator_id: 'u7', external_id: 'T-1' }
  const { id: sale } = await till.complete(await till.create(goods('sale', id, [['3.00', '0.07']], more)), [
    pay('cash', '3.00'),
  ])
  const issued = await till.call({ path: `/v1/operations/${sale}/issued`, body: { issued_as: 'paper' }, key: 'issued' })
  expect(issued.status).toBe(200)
  await till.create(event('session_cash_adjustment', id, { cash_amount: '2.00', note: 'Rollen' }))
  const { id: count } = (await counted({ id, till } as Register, '55.00')) as { id: string }
  return { sale, count }
}

async function codesAfter(change: (ids: Ids) => readonly [op: string, set: Members] | undefined): Promise<string[]> {
  await using bench = await Bench.open({ edits: true })
  const ids = await day(await bench.till('50.00'))
  await bench.stop()
  const [op, set] = change(ids) ?? []
  if (op !== undefined)
    await rewriteEvents(bench.config.state, (lines) => {
      const last = lines.at(-1)
      if (last === undefined) return lines
      return [...lines, { ...last, seq: last.seq + 1, kind: 'operation.noted', op, body: { set: set ?? {} } }]
    })
  const { codes } = await verifyJournal(bench.config.state)
  return codes.map(({ code }) => code)
}

test.for([
  ['customer', { customer: { name: 'Bert' } }],
  ['remark', { note: 'für Opa' }],
  ['cashier', { operator_id: 'u8' }],
  ['number of the till', { external_id: 'T-2' }],
  ['time', { completed_at: '2026-01-01T00:00:00.000Z' }],
] as const)('another %s of a sale that was set after its end is found', async ([, set]) => {
  expect(await codesAfter(({ sale }) => [sale, set])).toEqual(['operation_changed'])
})

test('another amount of a count that was set after it is found', async () => {
  expect(await codesAfter(({ count }) => [count, { counted_closing_amount: '5.00' }])).toContain('operation_changed')
})

test('a receipt that was issued after the end of its sale is not a change of it', async () => {
  expect(await codesAfter(() => undefined)).toEqual([])
})
