// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Call, Members, Operation } from '../client.ts'
import { amending, completion } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closing, counted } from '../shift.ts'

type Line = Parameters<typeof goods>[2][number]

const TEA = { sku_identifier: 'tea', title: 'Tee' }
const REFUSED = { status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' }
const OTHER: Line = ['10.00', '0.19']

async function soldTea({ id, till }: Register): Promise<Operation> {
  return till.complete(await till.create(goods('sale', id, [['2.00', '0.07', TEA]])), [pay('cash', '2.00')])
}

/** A sale of 10.00 in which one tea of an earlier sale comes back. */
function naming(id: string, from: Operation): Members {
  const back: Line = ['-2.00', '0.07', { ...TEA, quantity: -1, unit_price: '2.00', related_operation_id: from.id }]
  return goods('sale', id, [OTHER, back])
}

function undoing(id: string, original: Operation): Call {
  return { path: '/v1/operations', body: event('void', id, { related_operation_id: original.id }) }
}

/** A completion with the last goods. */
function ending(open: Operation, body: Members): Call {
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = body
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  return completion(open, [pay('card', String(total_amount))], last)
}

test('sales whose amendments took a reference away do not hide a later sale that names the original', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const sold = await soldTea(register)
  for (let count = 0; count < 32; count++) {
    const open = await till.create(naming(id, sold))
    await till.amend(open, goods('sale', id, [OTHER]))
  }
  const done = await till.complete(await till.create(naming(id, sold)), [pay('card', '8.00')])
  const refused = await till.refused(undoing(id, sold))
  expect(refused).toMatchObject(REFUSED)
  expect(refused.message).toContain(done.id)
})

test('of the void of a sale and a completion that names it, at the same instant, exactly one is made', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  for (const isVoidFirst of [true, false, true, false]) {
    const sold = await soldTea(register)
    const end = ending(await till.create(goods('sale', id, [OTHER])), naming(id, sold))
    const calls = isVoidFirst ? [undoing(id, sold), end] : [end, undoing(id, sold)]
    const answers = await Promise.all(calls.map((call) => till.call(call)))
    const refused = answers.filter(({ status }) => status >= 400)
    expect(refused.map(({ json }) => json)).toEqual([expect.objectContaining(REFUSED)])
  }
})

test('of an amendment that names a sale and one that does not, one is made, and the void follows it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  for (const isNamingFirst of [true, false]) {
    const sold = await soldTea(register)
    const open = await till.create(goods('sale', id, [OTHER]))
    const both = [naming(id, sold), goods('sale', id, [['3.00', '0.19']])].map((body) => amending(open, body))
    const answers = await Promise.all((isNamingFirst ? both : both.reverse()).map((call) => till.call(call)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
    const amended = await till.read(open.id)
    const isNamed = JSON.stringify(amended).includes(sold.id)
    expect((await till.call(undoing(id, sold))).status).toBe(isNamed ? 422 : 201)
    if (!isNamed) expect(await till.refused(amending(amended, naming(id, sold)))).toMatchObject(REFUSED)
    const free = isNamed ? await till.amend(amended, goods('sale', id, [OTHER])) : amended
    if (isNamed) expect((await till.call(undoing(id, sold))).status).toBe(201)
    expect(await till.refused({ ...ending(free, naming(id, sold)), ifMatch: free.resource_version })).toMatchObject(
      REFUSED,
    )
    expect(
      (await till.call({ ...ending(free, goods('sale', id, [OTHER])), ifMatch: free.resource_version })).status,
    ).toBe(200)
  }
})

test('two sales that take back the same piece at the same instant are both made, and the closing reports it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const sold = await soldTea(register)
  const open = [await till.create(naming(id, sold)), await till.create(naming(id, sold))]
  const answers = await Promise.all(open.map((one) => till.call(completion(one, [pay('card', '8.00')]))))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  await counted(register, '102.00')
  await till.create(closing(register, '0.00'))
  const report = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
  const articles = [{ type: 'item', sku_identifier: 'tea', rate: '0.07', sold: '1', returned: '2' }]
  expect(report['hints']).toMatchObject([{ code: 'returned_beyond_sale', operation_id: sold.id, articles }])
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})
