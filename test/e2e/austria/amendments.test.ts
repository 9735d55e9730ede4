import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { amending, completion } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { austrianTill, ONE_CARD, receiptOf } from './shop.ts'

test('a sale that begins with nothing is signed with the goods of its end, and only then', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const open = await till.create({ ...goods('sale', id, []), line_items: [] })
  expect(open).toMatchObject({ total_amount: '0.00', fiscal: { state: 'pending' }, fiscal_information: null })
  const amended = await till.amend(open, goods('sale', id, [['6.00', '0.20']]))
  expect(amended.fiscal).toEqual({ state: 'pending' })
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', id, [['3.00', '0.10']])
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const call = { ...completion(open, [pay('cash', '3.00')], last), ifMatch: 2 }
  expect((await till.call(call)).status).toBe(200)
  const done = await till.read(open.id)
  expect(done).toMatchObject({ total_amount: '3.00', resource_version: 3, cancelled_line_items: [{ quantity: '1' }] })
  expect(receiptOf(done).ocr_code).toContain('_0,00_3,00_0,00_0,00_0,00_')
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('a return of what no law recorded is recorded once an amendment makes it a Barumsatz', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const owed = await till.complete(await till.create(goods('sale', id, [['5.00', '0.20']])), [
    pay('bank_transfer', '5.00'),
  ])
  expect(owed.fiscal).toEqual({ state: 'not_required' })
  const related_operation_id = owed.id
  for (const goodsLater of ['amendment', 'completion'] as const) {
    const open = await till.create({ ...goods('return', id, [], { related_operation_id }), line_items: [] })
    expect(open.fiscal).toEqual({ state: 'not_required' })
    const back = goods('return', id, [['-2.00', '0.20']], { related_operation_id })
    if (goodsLater === 'amendment') expect(await till.amend(open, back)).toMatchObject({ fiscal: { state: 'pending' } })
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = back
    const last = goodsLater === 'amendment' ? {} : { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const call = completion(open, [pay('cash', '-2.00')], last)
    const answer = await till.call({ ...call, ifMatch: goodsLater === 'amendment' ? 2 : 1 })
    expect(answer.json, answer.text).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    expect(receiptOf(await till.read(open.id)).ocr_code).toContain('_-2,00_0,00_0,00_0,00_0,00_')
  }
  const transferred = await till.create({ ...goods('return', id, [], { related_operation_id }), line_items: [] })
  await till.amend(transferred, goods('return', id, [['-1.00', '0.20']], { related_operation_id }))
  const done = await till.call({ ...completion(transferred, [pay('bank_transfer', '-1.00')]), ifMatch: 2 })
  expect(done.json).toMatchObject({ status: 'completed', fiscal: { state: 'not_required' } })
  const free = await till.create({ ...goods('return', id, [], { related_operation_id }), line_items: [] })
  await till.amend(free, goods('return', id, [['-1.00', '0.20']], { related_operation_id }))
  expect(await till.refused(amending(free, {}))).toMatchObject({ status: 400 })
  const voided = await till.call({
    path: `/v1/operations/${free.id}/void`,
    body: { reason: 'operator_cancelled' },
    key: 'void',
    ifMatch: 2,
  })
  expect(voided.json).toMatchObject({ status: 'voided', fiscal: { state: 'not_required' } })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})
