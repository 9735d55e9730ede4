// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { amending, completion } from './client.ts'
import { event, goods, goodsOf, pay } from './goods.ts'

const DEPOSIT = { type: 'deposit', sku_identifier: 'a', title: 'Anzahlung' }

async function paidDeposit({ id, till }: Register, amount: string): Promise<Operation> {
  return till.complete(await till.create(goods('deposit', id, [[amount, '0.19', DEPOSIT]])), [pay('cash', amount)])
}

function capture(id: string, deposit: Operation, taken: string, total = '100.00'): Members {
  const lines = [[total, '0.19'] as const, [`-${taken}`, '0.19', DEPOSIT] as const]
  return goods('deposit_capture', id, lines, { related_operation_id: deposit.id })
}

function empty(body: Members): Members {
  const { pretax_amount: _1, tax_amount: _2, tip_amount: _3, total_amount: _4, ...others } = body
  return { ...others, line_items: [] }
}

/** The marks on an operation, oldest first. */
function marksOf(bench: Bench, id: string, kind: string): unknown[] {
  return bench.journal().flatMap((one) => (one.op === id && one.kind === kind ? [JSON.parse(one.body)['own']] : []))
}

test('a capture that begins with nothing takes its deposit off with its lines, and frees it when they go', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  const { id, till } = shop
  const deposit = await paidDeposit(shop, '50.00')
  const open = await till.create(empty(capture(id, deposit, '50.00')))
  const other = await till.create(empty(capture(id, deposit, '50.00')))
  const amended = await till.amend(open, capture(id, deposit, '50.00'))
  // Its own former lines do not count against it.
  const again = await till.amend(amended, capture(id, deposit, '40.00'))
  expect(await till.refused(amending(other, capture(id, deposit, '20.00')))).toMatchObject({
    ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
    message: expect.stringContaining('10.00 left'),
  })
  const free = await till.amend(again, empty(capture(id, deposit, '1.00')))
  const taken = await till.amend(other, capture(id, deposit, '50.00'))
  expect(await till.refused(amending(free, capture(id, deposit, '1.00')))).toMatchObject({ status: 422 })
  await till.call({ ...completion(taken, [pay('cash', '50.00')]), ifMatch: 2 })
  // The deposit is used up: it is reversed no longer.
  const reversal = { path: '/v1/operations', body: event('void', id, { related_operation_id: deposit.id }) }
  expect(await till.refused(reversal)).toMatchObject({ code: 'related_operation_invalid' })
  expect(marksOf(bench, deposit.id, 'operation.deposit_captured')).toEqual([
    { captures: [open.id] },
    { captures: [open.id, other.id] },
  ])
})

test('a deposit without lines yet holds nothing: it is free until lines name it, and then in each way', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  const { id, till } = shop
  const deposit = await paidDeposit(shop, '50.00')
  const open = await till.create(empty(capture(id, deposit, '50.00')))
  await till.create(event('void', id, { related_operation_id: deposit.id }))
  const refusal = { status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' }
  expect(await till.refused(amending(open, capture(id, deposit, '50.00')))).toMatchObject(refusal)
  const last = goodsOf(capture(id, deposit, '50.00'))
  expect(await till.refused(completion(open, [pay('cash', '50.00')], last))).toMatchObject(refusal)
  await till.void(open)
})

test('a return begins with nothing before it is known whether goods or a deposit come back', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  const { id, till } = shop
  const deposit = await paidDeposit(shop, '50.00')
  const related_operation_id = deposit.id
  const back = goods('return', id, [['-20.00', '0.19', DEPOSIT]], { related_operation_id })
  const open = await till.create(empty(back))
  const wares = goods('return', id, [['-20.00', '0.19']], { related_operation_id })
  expect(await till.refused(amending(open, wares))).toMatchObject({ code: 'related_operation_invalid' })
  await till.amend(open, back)
  expect(marksOf(bench, deposit.id, 'operation.deposit_captured')).toEqual([{ captures: [open.id] }])
  await till.call({ ...completion(open, [pay('cash', '-20.00')]), ifMatch: 2 })
  const rest = await till.create(empty(back))
  const tooMuch = goods('return', id, [['-31.00', '0.19', DEPOSIT]], { related_operation_id })
  expect(await till.refused(completion(rest, [pay('cash', '-31.00')], goodsOf(tooMuch)))).toMatchObject({ status: 422 })
  const whole = goods('return', id, [['-30.00', '0.19', DEPOSIT]], { related_operation_id })
  expect(await till.complete(rest, [pay('cash', '-30.00')], goodsOf(whole))).toMatchObject({ total_amount: '-30.00' })
  expect(marksOf(bench, deposit.id, 'operation.deposit_captured')).toEqual([
    { captures: [open.id] },
    { captures: [open.id, rest.id] },
  ])
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('while the TSE signs a capture, the deposit that its last goods take off is not free', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  const { id, till } = shop
  const deposit = await paidDeposit(shop, '50.00')
  const [open, other] = [
    await till.create(empty(capture(id, deposit, '50.00'))),
    await till.create(empty(capture(id, deposit, '50.00'))),
  ]
  await bench.fault('slow=800@finish')
  const running = till.complete(open, [pay('cash', '50.00')], goodsOf(capture(id, deposit, '50.00')))
  await bench.until(() => bench.journal().some(({ op, body }) => op === open.id && body.includes('"finish"')))
  expect(await till.refused(amending(other, capture(id, deposit, '1.00')))).toMatchObject({ status: 422 })
  expect(await till.refused(amending(open, capture(id, deposit, '1.00')))).toMatchObject({
    ...{ status: 503, code: 'reconciling', fiscal_effect: 'unknown' },
  })
  expect(await running).toMatchObject({ status: 'completed', total_amount: '50.00' })
})
