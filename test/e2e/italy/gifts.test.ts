// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Lines = Parameters<typeof movement>[2]

const COFFEE = { title: 'CAFFE', amount: '5.00' }

/** A line on the house. */
function gift(price: string, more: Members = {}): Lines[number] {
  return { title: 'BISCOTTI', amount: '0.00', more: { type: 'omaggio', unit_price: price, ...more } }
}

const PAPER: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  rch: ['=R1/$500/*1/(CAFFE)', '=R1/$300/*1/(BISCOTTI)', '=R1/$300/&1/(OMAGGIO)', '=T1/$500'],
  custom: [
    '3301100000100000105CAFFE00000050000',
    '3301100000100000108BISCOTTI00000030000',
    '3301G00000000000107OMAGGIO00000030000',
    '3007010000000000500',
  ],
  epson: [
    /description="CAFFE"/,
    /description="BISCOTTI"/,
    /adjustmentType="11" .*"OMAGGIO" amount="3,00"/,
    /printRecTotal .*"5,00"/,
  ],
}

async function totalsOf({ register }: Trade): Promise<Members> {
  return (await closed(register))['totals'] as Members
}

describe.each(FAMILIES)('%s: goods on the house', (family) => {
  test('are on paper at their price, and deducted', () =>
    atPrinter(family, async (trade) => {
      const done = await traded(trade.register, 'sale', [COFFEE, gift('3.00')])
      expect(done).toMatchObject({ total_amount: '5.00', line_items: [{}, { type: 'omaggio', total_amount: '0.00' }] })
      const wanted = PAPER[family] ?? []
      const [sent = []] = trade.sent()
      const found = wanted.map((part) =>
        sent.findIndex((each) => (typeof part === 'string' ? each === part : part.test(each))),
      )
      expect(found).toEqual(found.toSorted((one, other) => one - other))
      expect(found).not.toContain(-1)
      expect(trade.documents()).toMatchObject([{ kind: 'sale', totalCents: 500, cashCents: 500 }])
      expect(await totalsOf(trade)).toMatchObject({
        vat: [{ name: 'IVA 22 %', amount: '8.00', tax_amount: '1.44' }],
        payments: [{ name: 'Contanti', amount: '5.00' }],
        business_cases: [
          ...[
            { name: 'Vendite', amount: '5.00' },
            { name: 'Resi', amount: '0.00' },
            { name: 'Annulli', amount: '0.00' },
          ],
          { name: 'Omaggi', amount: '3.00' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('alone are a document over 0.00, and with discounts and a department', () =>
    atPrinter(family, async (trade) => {
      await traded(trade.register, 'sale', [gift('3.00')])
      const more = { department: 'servizi', quantity: 3, discounts: [{ amount: '1.50' }] }
      await traded(trade.register, 'sale', [gift('2.50', more), COFFEE, gift('0.01', { quantity: '2.5' })])
      expect(trade.documents().map(({ totalCents }) => totalCents)).toEqual([0, 500])
      expect(await totalsOf(trade)).toMatchObject({
        vat: [
          { name: 'IVA 22 %', amount: '8.03' },
          { name: 'IVA 22 % servizi', amount: '6.00' },
        ],
        payments: [{ name: 'Contanti', amount: '5.00' }],
        business_cases: expect.arrayContaining([{ name: 'Omaggi', amount: '9.03' }]),
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('of a sale that is voided are in no sum of the closing', () =>
    atPrinter(family, async (trade) => {
      const cheaper = gift('2.50', { quantity: 3, discounts: [{ amount: '0.44' }] })
      const wrong = await traded(trade.register, 'sale', [COFFEE, gift('3.00'), cheaper])
      await trade.register.till.create(event('void', trade.register.id, { related_operation_id: wrong.id }))
      await traded(trade.register, 'sale', [COFFEE])
      expect(await totalsOf(trade)).toMatchObject({
        vat: [{ amount: '5.00' }],
        business_cases: expect.arrayContaining([{ name: 'Omaggi', amount: '0.00' }]),
      })
      expect(await trade.findings()).toEqual([])
    }))
})

test('a gift has the words, the natura and the tip next to it that any line has', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const book = { ...gift('7.00'), title: 'TOTALE (3/4)', code: 'N4' }
    await traded(register, 'sale', [{ ...COFFEE, title: 'MANCIA' }, book], { tip_amount: '1.00' })
    expect(trade.sent()[0]).toEqual([
      ...['=R1/$500/*1/(MANCIA)', '=R8/$700/*1/(TOT. [3-4])', '=R5/$100/*1/(MANCIA)', '=R8/$700/&1/(OMAGGIO)'],
      '=T1/$600',
    ])
    const path = `/v1/registers/${register.id}/printouts`
    const { totals } = await register.till.post(path, { type: 'x_report' })
    expect(totals).toMatchObject({ business_cases: expect.arrayContaining([{ name: 'Omaggi', amount: '7.00' }]) })
    expect(await totalsOf(trade)).toEqual(totals)
    expect(totals).toMatchObject({
      vat: [{ name: 'IVA 22 %' }, { name: 'N1', amount: '1.00' }, { name: 'N4', amount: '7.00', tax_amount: '0.00' }],
    })
    expect(await trade.findings()).toEqual([])
  }))

test('a gift in training is a line of its slip, and in no sum', () =>
  atPrinter('rch', async (trade) => {
    await traded(trade.register, 'sale', [COFFEE, gift('3.00')], { training: true })
    expect(trade.documents()).toEqual([])
    expect(await totalsOf(trade)).toMatchObject({ vat: [], payments: [] })
    expect(await trade.findings()).toEqual([])
  }))

test('a gift bears no share of a discount of the cart, and its receipt shows the price and the value 0.00', () =>
  atPrinter('rch', async (trade) => {
    const { register, bench } = trade
    const cheaper = { ...COFFEE, amount: '4.00', more: { unit_price: '5.00' } }
    const more = { cart_level_discounts: [{ amount: '1.00', description: 'FEDELE' }] }
    const done = await traded(register, 'sale', [cheaper, gift('3.00', { discounts: [{ amount: '0.50' }] })], more)
    expect(trade.sent()[0]).toEqual([
      ...['=R1/$500/*1/(CAFFE)', '=V-/*100/(FEDELE)', '=R1/$250/*1/(BISCOTTI)', '=R1/$250/&1/(OMAGGIO)', '=T1/$400'],
    ])
    const receipt = await bench.office.get(`/v1/operations/${done.id}/receipt?format=json`)
    expect(receipt['lines']).toMatchObject([
      { label: 'CAFFE', value: '5.00' },
      { kind: 'omaggio', label: 'Omaggio BISCOTTI', quantity: '1', unit_price: '3.00', value: '0.00' },
      { label: 'Sconto FEDELE', value: '-1.00' },
    ])
  }))

test('a line that is not a gift of a sale is 422, and nothing is journalled or printed', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const sold = await traded(register, 'sale', [COFFEE])
    const head = trade.bench.head()
    const place = '/line_items/1'
    const rows: readonly (readonly [Members, string, string?])[] = [
      [{ unit_price: '0.00' }, `${place}/unit_price`],
      [{ unit_price: '-3.00' }, `${place}/unit_price`],
      [{ quantity: -1, unit_price: '-3.00' }, `${place}/quantity`],
      [{ quantity: -1 }, `${place}/quantity`],
      [{ discounts: [{ amount: '3.00' }] }, `${place}/discounts`],
      [{ discounts: [{ amount: '4.00' }] }, `${place}/discounts`],
      [{ related_operation_id: sold.id }, `${place}/related_operation_id`],
      [{ department: 'altro' }, '', 'department_unknown'],
    ]
    for (const [more, pointer, code = 'unprocessable_entity'] of rows) {
      const body = movement('sale', register, [COFFEE, gift('3.00', more)])
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
        ...{ code, status: 422, fiscal_effect: 'none' },
        details: pointer === '' ? {} : { pointer },
      })
    }
    for (const amount of ['0.01', '3.00', '-3.00']) {
      const body = movement('sale', register, [COFFEE, { ...gift('3.00'), amount }])
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
        ...{ status: 422, fiscal_effect: 'none' },
        details: { pointer: `${place}/total_amount` },
      })
    }
    for (const type of ['return', 'exchange'] as const) {
      const lines = [{ ...COFFEE, amount: '-5.00' }, gift('3.00')]
      const body = movement(type, register, lines, { related_operation_id: sold.id })
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
        ...{ code: 'unprocessable_entity', fiscal_effect: 'none' },
        details: { pointer: `${place}/type` },
      })
    }
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toHaveLength(1)
  }))

test('goods that are amended or completed into a gift follow the same rules', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('sale', register, []))
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = movement('sale', register, [
      COFFEE,
      gift('3.00'),
    ])
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const [coffee, biscuits] = line_items as [Members, Members]
    const wrong = { ...last, line_items: [coffee, { ...biscuits, quantity: -1 }] }
    const path = `/v1/operations/${open.id}`
    const amended = { method: 'PATCH' as const, path, body: wrong, ifMatch: 1, key: 'amended' }
    expect(await register.till.refused(amended)).toMatchObject({ details: { pointer: '/line_items/1/quantity' } })
    const payments = [pay('cash', '5.00')]
    const completed = { path: `${path}/complete`, body: { payments, ...wrong }, ifMatch: 1, key: 'completed' }
    expect(await register.till.refused(completed)).toMatchObject({ fiscal_effect: 'none' })
    expect(trade.documents()).toEqual([])
    await register.till.call({ ...completed, body: { payments, ...last }, key: 'right' })
    expect(trade.sent()[0]).toContain('=R1/$300/&1/(OMAGGIO)')
  }))
