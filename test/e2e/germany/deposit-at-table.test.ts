// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import type { Line } from './tavern.ts'
import { cups, openLines, ordered, tavern } from './tavern.ts'

function deposit(amount: string, more: Members = {}): Line {
  return [amount, '0.19', { type: 'deposit', title: 'Anzahlung', ...more }]
}

test('a deposit is taken off at the table of its party: the capture settles the orders, and prints when they began', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const { id, till } = bar
  const paid = await till.complete(await till.create(goods('deposit', id, [deposit('5.00')])), [pay('cash', '5.00')])
  await ordered(bar, 'Tisch 7', cups(3))
  const capture = (...lines: readonly Line[]) =>
    goods('deposit_capture', id, [...lines, deposit('-5.00', { quantity: -1, unit_price: '5.00' })], {
      related_operation_id: paid.id,
      allocation_group: 'Tisch 7',
    })
  const open = await till.create(capture(cups(2)))
  const bill = await till.complete(open, [pay('cash', '2.98')])
  expect(bill).toMatchObject({
    allocation_group: 'Tisch 7',
    settled_order_lines: [{ quantity: '2', allocation_group: 'Tisch 7' }],
    first_order_at: expect.any(String),
  })
  expect(processData(bill)).toBe('Beleg^2.98_0.00_0.00_0.00_0.00^2.98:Bar')
  expect(await openLines(till)).toEqual(['Tisch 7 cup 1'])
  const { text } = await till.call({ path: `/v1/operations/${bill.id}/receipt?format=text` })
  expect(text).toMatch(/Erste Bestellung/)
  expect(text).toMatch(/Anzahlung vom \d\d\.\d\d\.\d{4}, Beleg \d+/)
  // A void opens the lines again, and the deposit.
  await till.create(event('void', id, { related_operation_id: bill.id }))
  expect(await openLines(till)).toEqual(['Tisch 7 cup 3'])
  await till.complete(await till.create(capture(cups(3))), [pay('cash', '6.97')])
  expect(await openLines(till)).toEqual([])
  await endShift(bar)
  const { references } = await verifiedPackage(bench)
  expect(references.filter(({ REF_TYP }) => REF_TYP === 'Transaktion').length).toBeGreaterThan(3)
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
