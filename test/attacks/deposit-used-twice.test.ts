// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Operation } from '../e2e/client.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import { codesAfter, retold, rewriteEvents } from './insider.ts'

// No signed text names the deposit that a capture takes off. The insider lets two captures name the same one, so that the
// other can be taken off again, and signs the journal again.

const DEPOSIT = { type: 'deposit' }

async function paid({ id, till }: Register, amount: string): Promise<Operation> {
  return till.complete(await till.create(goods('deposit', id, [[amount, '0.19', DEPOSIT]])), [pay('cash', amount)])
}

async function captured({ id, till }: Register, of: Operation, amount: string): Promise<Operation> {
  const body = goods(
    'deposit_capture',
    id,
    [
      ['100.00', '0.19'],
      [`-${amount}`, '0.19', DEPOSIT],
    ],
    { related_operation_id: of.id },
  )
  return till.complete(await till.create(body), [pay('card', (100 - Number(amount)).toFixed(2))])
}

/** Two deposits, each taken off by one capture. */
async function day(bench: Bench) {
  const register = await bench.till('50.00')
  const [first, second] = [await paid(register, '30.00'), await paid(register, '30.00')]
  await captured(register, first, '30.00')
  return { register, first, second, capture: await captured(register, second, '20.00') }
}

test('a capture that was edited to take off another deposit, which is used, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { first, second, capture } = await day(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === capture.id ? retold(line, (text) => text.replaceAll(second.id, first.id)) : line,
  )
  expect(codes).toEqual(['used_beyond_itself'])
})

test('a deposit whose mark was removed, and that was then taken off again, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, first } = await day(bench)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.filter(({ op, kind }) => op !== first.id || kind !== 'operation.deposit_captured'),
    ),
  )
  await captured(register, first, '30.00')
  await bench.stop()
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes.map(({ code }) => code)).toContain('used_beyond_itself')
})

test('an honest day of deposits that are captured, freed and captured again has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, second, capture } = await day(bench)
  const { id, till } = register
  await till.create(event('void', id, { related_operation_id: capture.id }))
  await captured(register, second, '30.00')
  expect(await codesAfter(bench, (line) => line)).toEqual([])
})
