// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Operation } from '../e2e/client.ts'
import { CUSTOMER, onAccount, receivable } from '../e2e/germany/on-account.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import { codesAfter, retold, rewriteEvents } from './insider.ts'

// No signed text names the claim that a payment settles. The insider lets two payments name the same one, so that the debt
// of another customer is hidden, or settles one twice, and signs the journal again.

async function settled({ id, till }: Register, of: Operation, amount: string): Promise<Operation> {
  const type = amount.startsWith('-') ? 'return' : 'sale'
  const body = goods(type, id, [receivable(amount, { related_operation_id: of.id })])
  return till.complete(await till.create(body), [pay('cash', amount)])
}

/** Two claims, each settled once. */
async function day(bench: Bench) {
  const register = await bench.till('50.00')
  const [first, second] = [await onAccount(register, '30.00'), await onAccount(register, '30.00')]
  await settled(register, first, '30.00')
  return { register, first, second, payment: await settled(register, second, '20.00') }
}

test('a payment that was edited to settle another claim, which is settled, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { first, second, payment } = await day(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === payment.id ? retold(line, (text) => text.replaceAll(second.id, first.id)) : line,
  )
  expect(codes).toEqual(['used_beyond_itself'])
})

test('a claim whose mark was removed, and that was then settled again, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, first } = await day(bench)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.filter(({ op, kind }) => op !== first.id || kind !== 'operation.settled'),
    ),
  )
  await settled(register, first, '30.00')
  await bench.stop()
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes.map(({ code }) => code)).toContain('used_beyond_itself')
})

test('goods on account that were edited to be paid by card are found: the signed text has the claim', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  const sold = await onAccount(register, '30.00')
  const codes = await codesAfter(bench, (line) =>
    line.op === sold.id ? retold(line, (text) => text.replaceAll('on_account', 'card')) : line,
  )
  expect(codes).toContain('tse_amounts_differ')
})

test('an honest day of claims that are taken back, settled, given back and settled again has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, first, second, payment } = await day(bench)
  const { id, till } = register
  await till.create(event('void', id, { related_operation_id: payment.id }))
  await settled(register, second, '30.00')
  await settled(register, first, '-30.00')
  const goodsBack = goods('return', id, [['-10.00', '0.19']], { related_operation_id: first.id, ...CUSTOMER })
  await till.complete(await till.create(goodsBack), [pay('on_account', '-10.00')])
  await settled(register, first, '20.00')
  expect(await codesAfter(bench, (line) => line)).toEqual([])
})
