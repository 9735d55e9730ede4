// @module-tag heavy
import { expect, test } from 'vitest'
import { choiceIn } from '../../../scripts/tests/choice.ts'
import { seeded } from '../../crash/seeded.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Client, Members, Operation } from '../client.ts'
import { completion, voiding } from '../client.ts'
import { event, goods, goodsOf, order, pay } from '../goods.ts'
import { expectSound } from '../sound.ts'
import type { Line } from './tavern.ts'
import { billed, billOf, GROUPS, lineOf, ordered, tavern } from './tavern.ts'

/** A line at a price and rate. */
function at(sku: string, price: string, rate: string, quantity: number, more: Members = {}): Line {
  const total = (Number(price) * quantity).toFixed(2)
  return [total, rate, { sku_identifier: sku, title: sku, unit_price: price, quantity, ...more }]
}

/** `article quantity price rate` of the open lines of a table. */
async function openAt(till: Client, group: string): Promise<string[]> {
  const [table] = await till.list(`${GROUPS}?allocation_group=${encodeURIComponent(group)}`)
  return ((table?.['open_lines'] ?? []) as Members[]).map((line) => {
    const [{ rate } = {}] = line['taxes'] as Members[]
    return [line['sku_identifier'], line['quantity'], line['unit_price'], rate].join(' ')
  })
}

test('a latte to go is paid or cancelled at 7 %, and the one drunk here stays open at 19 %', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const here = await ordered(bar, 'Tisch 7', at('latte', '4.20', '0.19', 1, { in_house: true }))
  const toGo = await ordered(bar, 'Tisch 7', at('latte', '4.20', '0.07', 1, { in_house: false }))
  const [table] = await bar.till.list(GROUPS)
  const listed = (table?.['open_lines'] ?? []) as Members[]
  expect(listed.map((line) => [line['order_id'], line['in_house']])).toEqual([
    [here.id, true],
    [toGo.id, false],
  ])
  const bill = await billed(bar, 'Tisch 7', at('latte', '4.20', '0.07', 1))
  expect(bill).toMatchObject({ settled_order_lines: [{ order_line_id: lineOf(toGo, 0), quantity: '1' }] })
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['latte 1 4.20 0.19'])
  await ordered(bar, 'Tisch 7', at('latte', '4.20', '0.07', 1))
  await ordered(bar, 'Tisch 7', at('latte', '4.20', '0.19', -1))
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['latte 1 4.20 0.07'])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('in the happy hour the cheap beer is paid first, and a beer is cancelled at the price of its order alone', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', at('bier', '8.40', '0.19', 1))
  await ordered(bar, 'Tisch 7', at('bier', '7.20', '0.19', 2))
  await billed(bar, 'Tisch 7', at('bier', '7.20', '0.19', 1))
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['bier 1 8.40 0.19', 'bier 1 7.20 0.19'])
  const head = bench.head()
  const dear = order(bar.id, [at('bier', '9.00', '0.19', -1)], { allocation_group: 'Tisch 7' })
  expect(await bar.till.refused({ path: '/v1/operations', body: dear })).toMatchObject({
    code: 'order_quantity_exceeded',
    fiscal_effect: 'none',
    details: {
      left: '0',
      wanted: '1',
      sku_identifier: 'bier',
      pointer: '/line_items/0',
      open: [
        { quantity: '1', unit_price: '7.20', rate: '0.19' },
        { quantity: '1', unit_price: '8.40', rate: '0.19' },
      ],
    },
  })
  expect(bench.requestedSince(head)).toEqual([])
  const bill = await billed(bar, 'Tisch 7', at('bier', '7.20', '0.19', 3), at('bier', '7.20', '0.19', -2))
  expect((bill as { settled_order_lines?: Members[] }).settled_order_lines).toMatchObject([{ quantity: '1' }])
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['bier 1 8.40 0.19'])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('goods that come with the completion of an order are on the list while its TSE signs, and a bill finds them', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  const sent = order(bar.id, [at('bier', '8.40', '0.19', 1), at('bier', '7.20', '0.19', 1)])
  const begun = await bar.till.create({ ...order(bar.id, []), line_items: [] })
  await bench.fault('slow=1500@finish')
  const ending = bar.till.call({ ...completion(begun, []), body: goodsOf(sent) })
  const isAsked = ({ kind, op }: { kind: string; op: string }) =>
    op === begun.id && kind === 'operation.completion_requested'
  await bench.until(() => bench.journal().some(isAsked))
  expect(await openAt(terrace.till, 'Tisch 7')).toHaveLength(2)
  const body = billOf(terrace, 'Tisch 7', at('bier', '7.20', '0.19', 1))
  const [bill] = await Promise.all([terrace.till.create(body), ending])
  await bench.fault('clear')
  await terrace.till.complete(bill, [pay('cash', '7.20')])
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['bier 1 8.40 0.19'])
})

/** A third of a bottle of 20.00, at a total. */
function third(quantity: string, total: string, more: Members = {}): Line {
  return [total, '0.19', { sku_identifier: 'wein', title: 'Flasche', unit_price: '20.00', quantity, ...more }]
}

test('three guests pay a bottle in parts, and the last part has the rest of its amount', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', at('wein', '20.00', '0.19', 1))
  const short = { path: '/v1/operations', body: billOf(bar, 'Tisch 7', third('0.333333', '6.66')) }
  const refused = { code: 'amount_mismatch', fiscal_effect: 'none', details: { pointer: '/line_items/0/total_amount' } }
  expect(await bar.till.refused(short)).toMatchObject(refused)
  await billed(bar, 'Tisch 7', third('0.333333', '6.67'))
  expect(await bar.till.refused(short)).toMatchObject(refused)
  await billed(bar, 'Tisch 7', third('0.333333', '6.67'))
  // At most a cent for each of three parts.
  const far = billOf(bar, 'Tisch 7', third('0.333334', '6.63'))
  expect(await bar.till.refused({ path: '/v1/operations', body: far })).toMatchObject(refused)
  const dear = billOf(bar, 'Tisch 7', third('0.333334', '6.99', { unit_price: '21.00' }))
  expect(await bar.till.refused({ path: '/v1/operations', body: dear })).toMatchObject(refused)
  const last = await billed(bar, 'Tisch 7', third('0.333334', '6.66'))
  expect(last).toMatchObject({ total_amount: '6.66', settled_order_lines: [{ quantity: '0.333334' }] })
  expect(await openAt(bar.till, 'Tisch 7')).toEqual([])
  const undone = event('void', bar.id, { related_operation_id: last.id })
  await bar.till.create(undone)
  await billed(bar, 'Tisch 7', third('0.333334', '6.66'))
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('in one bill the last line that takes a part of a bottle may have the rest, and a whole bottle has its price', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', at('wein', '20.00', '0.19', 1))
  const refusal = (...lines: Line[]) =>
    bar.till.refused({ path: '/v1/operations', body: billOf(bar, 'Tisch 7', ...lines) })
  const thirds = ['6.66', '6.67', '6.67'].map((total) => third('0.333333', total))
  const mismatch = { code: 'amount_mismatch' }
  expect(await refusal(...thirds)).toMatchObject({ ...mismatch, details: { pointer: '/line_items/0/total_amount' } })
  expect(await refusal(third('1', '19.99'))).toMatchObject(mismatch)
  await billed(bar, 'Tisch 7', ...thirds.reverse())
  expect(await openAt(bar.till, 'Tisch 7')).toEqual([])
})

test('of two tills that bill the last part of a bottle at once one has the rest, and the other is refused', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  for (const more of [{}, { order_line_id: true }]) {
    const bottle = await ordered(bar, 'Tisch 7', at('wein', '20.00', '0.19', 1))
    const named = 'order_line_id' in more ? { order_line_id: lineOf(bottle, 0) } : {}
    for (const till of [bar, terrace]) await billed(till, 'Tisch 7', third('0.333333', '6.67', named))
    const body = (till: typeof bar) => billOf(till, 'Tisch 7', third('0.333334', '6.66', named))
    const open = [await bar.till.create(body(bar)), await terrace.till.create(body(terrace))]
    const answers = await Promise.all(
      [bar, terrace].map(({ till }, index) => till.call(completion(open[index] as Operation, [pay('cash', '6.66')]))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422])
    const refused = answers.find(({ status }) => status === 422)?.json
    const code = 'order_line_id' in more ? 'order_quantity_exceeded' : 'amount_mismatch'
    expect(refused).toMatchObject({ code, fiscal_effect: 'none' })
    expect(await openAt(bar.till, 'Tisch 7')).toEqual([])
    for (const [index, { till }] of [bar, terrace].entries())
      if (answers[index]?.status === 422) await till.call(voiding(open[index] as Operation))
  }
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('however a bottle is drawn into parts that two tills bill or cancel, its last part has the rest', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  const random = seeded(choiceIn(process.env).seed)
  for (let bottle = 0; bottle < 12; bottle++) {
    const price = 500 + random.below(4500)
    const euros = (cents: number): string => (cents / 100).toFixed(2)
    const part = (thousandths: number, cents: number): Line =>
      third(String(thousandths / 1000), euros(cents), { unit_price: euros(price) })
    await ordered(bar, 'Tisch 7', at('wein', euros(price), '0.19', 1))
    let [open, left] = [1000, price]
    for (let count = 1 + random.below(6); count > 0 && open > 1; count--) {
      const quantity = 1 + random.below(open - 1)
      const cents = Math.round((quantity * price) / 1000)
      const till = random.pick([bar, terrace])
      if (random.chance(0.2)) await ordered(till, 'Tisch 7', part(-quantity, -cents))
      else await billed(till, 'Tisch 7', part(quantity, cents))
      open -= quantity
      left -= cents
    }
    const last = await billed(random.pick([bar, terrace]), 'Tisch 7', part(open, left))
    expect(last).toMatchObject({ settled_order_lines: [{ quantity: String(open / 1000) }] })
    expect(await openAt(bar.till, 'Tisch 7')).toEqual([])
  }
  await expectSound(bench)
})

test('two tills that bill and cancel at once leave what was ordered and not settled, at each rate', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  await ordered(
    bar,
    'Tisch 7',
    at('bier', '8.40', '0.19', 4),
    at('bier', '7.20', '0.19', 4),
    at('bier', '4.00', '0.07', 4),
  )
  const cheap = await bar.till.create(billOf(bar, 'Tisch 7', at('bier', '7.20', '0.19', 3)))
  const toGo = await terrace.till.create(billOf(terrace, 'Tisch 7', at('bier', '4.00', '0.07', 2.5)))
  const back = await terrace.till.create(order(terrace.id, [at('bier', '8.40', '0.19', -1)]))
  const parted = goods('transfer', bar.id, [at('bier', '8.40', '0.19', 1.5)], { allocation_group: 'Tisch 7' })
  const elsewhere = await bar.till.create(parted)
  await Promise.all([
    bar.till.complete(cheap, [pay('cash', '21.60')]),
    terrace.till.complete(toGo, [pay('cash', '10.00')]),
    terrace.till.complete(back, []),
    bar.till.complete(elsewhere as Operation, []),
  ])
  expect(await openAt(bar.till, 'Tisch 7')).toEqual(['bier 1.5 8.40 0.19', 'bier 1 7.20 0.19', 'bier 1.5 4.00 0.07'])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
