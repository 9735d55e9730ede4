// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { completion, processData } from '../e2e/client.ts'
import { event, goods, order, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import type { Line } from './insider.ts'
import { findingsAfter } from './insider.ts'

// The insider keeps what a TSE was asked to sign and edits the goods, or makes an order of a paid sale, which would then
// count in no turnover. He corrects the sums of the session and signs the journal again.

const CUP: Members = { title: 'Eisbecher "Himbeere"', sku_identifier: 'cup', quantity: 2, unit_price: '3.99' }

/** An order, a transfer, a benefit, and a card sale of 7.98, then the close. */
async function evening(bench: Bench) {
  const register = await bench.till('50.00')
  const { id, till } = register
  const staff = { customer: { name: 'Ada' } }
  const bodies: Members[] = [
    order(id, [['7.98', '0.19', CUP]]),
    goods('transfer', id, [['7.98', '0.19']]),
    goods('employee_benefit', id, [['7.98', '0.19']], staff),
  ]
  const done = []
  for (const body of bodies) done.push(await till.complete(await till.create(body), []))
  const open = await till.create(goods('sale', id, [['7.98', '0.19', CUP]]))
  done.push(await till.complete(open, [pay('card', '7.98')]))
  await counted(register, '50.00')
  await till.create(closing(register, '0.00'))
  const [ordered, transferred, eaten, sold] = done
  if (!ordered || !transferred || !eaten || !sold) throw new Error('nothing was traded')
  return { register, ordered, transferred, eaten, sold }
}

function replaced(line: Line, from: string, to: string): Line {
  const text = JSON.stringify(line)
  return JSON.parse(text.replaceAll(JSON.stringify(from), JSON.stringify(to))) as Line
}

/** The close states less, as the sums of the events are then. */
function lessSales(line: Line): Line {
  const session = line.body['session'] as { sales?: { bons: number; gross: number } } | undefined
  if (session?.sales === undefined) return line
  const sales = { ...session.sales, gross: session.sales.gross - 798 }
  return { ...line, body: { ...line.body, session: { ...session, sales } } }
}

function isPlan(line: Line): boolean {
  return line.kind === 'operation.created'
}

test('an honest evening of orders, transfers and benefits has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  await evening(bench)
  expect(await findingsAfter(bench, (line) => line)).toEqual([])
})

test.each([
  ['another title', 'Eisbecher "Himbeere"', 'Wasser', '2;"Wasser";3.99'],
  ['another sku for a title that is blank', 'Eisbecher "Himbeere"', ' ', '2;"cup";3.99'],
  ['another price', '3.99', '0.39', '2;"Eisbecher ""Himbeere""";0.39'],
])('an order that was edited to %s is not what its TSE was asked to sign', async (_what, from, to, text) => {
  await using bench = await Bench.open({ edits: true })
  const { ordered, register } = await evening(bench)
  const totals = to === '0.39' ? (line: Line) => replaced(line, '7.98', '0.78') : (line: Line) => line
  const codes = await findingsAfter(bench, (line) =>
    line.op === ordered.id && isPlan(line) ? totals(replaced(line, from, to)) : line,
  )
  const facts = { register: register.id, bon: 2, stated: processData(ordered), counted: text }
  expect(codes).toMatchObject([{ code: 'tse_amounts_differ', level: 'error', facts }])
})

test.each([
  ['transferred', 3, 'AVTransfer^0.78_0.00_0.00_0.00_-0.78^'],
  ['eaten', 4, 'AVSachbezug^0.78_0.00_0.00_0.00_0.00^'],
] as const)('goods without a payment that were made less, %s, differ from their text', async (which, bon, text) => {
  await using bench = await Bench.open({ edits: true })
  const done = (await evening(bench))[which]
  const codes = await findingsAfter(bench, (line) =>
    line.op === done.id && isPlan(line) ? replaced(line, '7.98', '0.78') : line,
  )
  expect(codes).toMatchObject([{ code: 'tse_amounts_differ', facts: { bon, counted: text } }])
})

test('a transfer that was signed without the claim of the other system, as before, is what its text says', async () => {
  await using bench = await Bench.open({ edits: true })
  const { transferred } = await evening(bench)
  expect(processData(transferred)).toBe('AVTransfer^7.98_0.00_0.00_0.00_-7.98^')
  const [former, other] = ['AVTransfer^7.98_0.00_0.00_0.00_0.00^', 'AVTransfer^7.98_0.00_0.00_0.00_-7.00^']
  const signedAs = (from: string, to: string) => (line: Line) =>
    line.op === transferred.id ? replaced(line, from, to) : line
  expect(await findingsAfter(bench, signedAs(processData(transferred), former))).toEqual([])
  expect(await findingsAfter(bench, signedAs(former, other))).toMatchObject([{ code: 'tse_amounts_differ' }])
})

test('the void of a sale that was made one of a transfer, which counts in no turnover, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id, till } = await bench.till('50.00')
  const sold = await till.complete(await till.create(goods('sale', id, [['7.98', '0.19', CUP]])), [pay('card', '7.98')])
  const back = await till.create(event('void', id, { related_operation_id: sold.id }))
  const hidden = (line: Line): Line => {
    if (line.op !== back.id || line.body['own'] === undefined) return line
    return { ...line, body: { ...line.body, own: { ...(line.body['own'] as Members), reverses: 'transfer' } } }
  }
  const codes = (await findingsAfter(bench, hidden)).map(({ code }) => code)
  expect(codes).toContain('tse_amounts_differ')
})

test.each(['order', 'transfer', 'employee_benefit'])('a paid sale that was made a %s is found', async (type) => {
  await using bench = await Bench.open({ edits: true })
  const { sold } = await evening(bench)
  const codes = await findingsAfter(bench, (line) =>
    line.op === sold.id ? replaced(line, 'sale', type) : lessSales(line),
  )
  expect(codes.map(({ code }) => code)).toContain('tse_amounts_differ')
})

test.each(['order', 'transfer', 'order_move'])(
  'a paid sale that is one %s by the kind of its event alone is found',
  async (kind) => {
    await using bench = await Bench.open({ edits: true })
    const { sold } = await evening(bench)
    const codes = await findingsAfter(bench, (line) => {
      if (line.op !== sold.id || line.body['index'] === undefined) return lessSales(line)
      return { ...line, body: { ...line.body, index: { ...(line.body['index'] as Members), kind } } }
    })
    expect(codes).toContainEqual(expect.objectContaining({ code: 'tse_amounts_differ', level: 'error' }))
  },
)

test('a payment is refused with a transfer and a benefit too, and nothing is in the drawer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  for (const body of [
    goods('transfer', id, [['7.98', '0.19']]),
    goods('employee_benefit', id, [['7.98', '0.19']], { customer: { id: '7' } }),
  ]) {
    const open = await till.create(body)
    const refusal = await till.refused(completion(open, [pay('cash', '7.98')]))
    expect(refusal).toMatchObject({ code: 'unprocessable_entity', details: { pointer: '/payments' } })
    await till.complete(open, [])
  }
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
})
