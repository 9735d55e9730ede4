// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Call, Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closeExpected } from '../shift.ts'

type Line = Parameters<typeof goods>[2][number]

function slip(number: string): Members {
  return { external_related_operation: { description: 'Leergutbon', external_operation_id: number } }
}

function bottles(amount: string, more: Members): Line {
  return [amount, '0.19', { type: 'container_deposit', sku_identifier: 'pfand', title: 'Flasche', ...more }]
}

async function paid({ id, till }: Register, kind: 'sale' | 'return', lines: readonly Line[], more: Members = {}) {
  const open = await till.create(goods(kind, id, lines, more))
  const total = String((open as unknown as Members)['total_amount'])
  return till.complete(open, [pay('cash', total)])
}

function twice(number: string, ...operations: readonly Operation[]) {
  return [
    {
      code: 'empties_slip_twice',
      message: expect.stringContaining(`slip ${number} `),
      operation_ids: operations.map(({ id }) => id),
    },
  ]
}

test('a bottle slip that was paid out before is a hint, whatever the register, the day and the form', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('200.00')
  const first = await paid(register, 'sale', [['20.00', '0.07'], bottles('-3.25', slip('L-731'))])
  expect(first.hints).toBeUndefined()
  // Bottles of two deposits are two lines of one slip.
  const two = [bottles('-0.75', slip('L-732')), bottles('-0.16', slip('L-732'))]
  expect((await paid(register, 'sale', [['9.00', '0.07'], ...two])).hints).toBeUndefined()
  const { till } = register
  await closeExpected(register)
  await till.create(event('session_open', register.id, { opening_balance_amount: '100.00' }))
  const alone = await paid(register, 'return', [bottles('-3.25', {})], slip('L-731'))
  expect(alone.hints).toEqual(twice('L-731', first))
  const call: Call = {
    ...completion(await till.create(goods('sale', register.id, [bottles('-0.08', slip('L-731'))])), [
      pay('cash', '-0.08'),
    ]),
    key: 'third',
  }
  const { json } = await till.call(call)
  expect(json['hints']).toEqual(twice('L-731', first, alone))
  expect((await till.call(call)).json).toEqual(json)
  await bench.restart()
  expect((await till.read(String(json['id']))).hints).toEqual(json['hints'])
  expect((await verifyJournal(bench.config.state)).codes).toEqual([])
})

test('a slip is not paid out by what was voided, reversed, practised, or an article of the same number', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('200.00')
  const { id, till } = register
  const back = bottles('-4.50', slip('4711'))
  await till.void(await till.create(goods('sale', id, [['9.00', '0.07'], back])))
  const wrong = await paid(register, 'sale', [['9.00', '0.07'], back])
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  await paid(register, 'sale', [['9.00', '0.07'], back], { training: true })
  const other: Line = ['-2.00', '0.07', { quantity: -1, unit_price: '2.00', ...slip('4711') }]
  await paid(register, 'sale', [['9.00', '0.07'], other])
  await paid(register, 'sale', [['25.00', '0', { type: 'gift_card', gift_card_id: '4711' }]])
  expect((await paid(register, 'sale', [['9.00', '0.07'], back])).hints).toBeUndefined()
})
