// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members, Operation } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Lines = Parameters<typeof movement>[2]
type Line = Lines[number]

const COFFEE = { sku_identifier: 'caffe', unit_price: '2.00' }
const TWO_COFFEES: Line = { title: 'CAFFE', amount: '4.00', more: { ...COFFEE, quantity: 2 } }
const ONE_OFF: Line = { title: 'CAFFE', amount: '-2.00', more: { ...COFFEE, quantity: -1 } }
const EMPTIES: Line = { title: 'VUOTI', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
const WATER: Line = { title: 'ACQUA', amount: '10.00' }
const WINE: Line = { title: 'VINO', amount: '1.00' }

/** DDMMYY of the day in Rome. */
function today(): string {
  const parts = new Intl.DateTimeFormat('it', { timeZone: 'Europe/Rome', dateStyle: 'short' }).format(new Date())
  return parts
    .split('/')
    .map((part) => part.padStart(2, '0'))
    .join('')
}

async function sold(
  { register }: Trade,
  lines: Lines,
  ...payments: [method: string, amount: string][]
): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, lines))
  return register.till.complete(
    open,
    payments.map(([method, amount]) => pay(method, amount)),
  )
}

function refused({ register }: Trade, lines: Lines, more: Members = {}): Promise<Members> {
  return register.till.refused({ path: '/v1/operations', body: movement('sale', register, lines, more) })
}

const STORNO: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  rch: ['=R1/$200/*2/(CAFFE)', '=V-/*200/(STORNO CAFFE)', '=T1/$200'],
  custom: ['3301100000200000105CAFFE00000020000', '3301300000000000112STORNO CAFFE00000020000', '3007010000000000200'],
  epson: [
    /<printRecItem .*description="CAFFE" quantity="2" unitPrice="2,00"/,
    /<printRecItemAdjustment .*adjustmentType="0" .*description="STORNO CAFFE" amount="2,00"/,
    /<printRecTotal .*payment="2,00" paymentType="0"/,
  ],
}

function expectSent(sent: readonly string[], parts: readonly (string | RegExp)[] = []): void {
  for (const part of parts) expect(sent).toContainEqual(typeof part === 'string' ? part : expect.stringMatching(part))
}

describe.each(FAMILIES)('%s: pieces that a sale takes off again', (family) => {
  test('are a discount on the line of their article (vector I10)', () =>
    atPrinter(family, async (trade) => {
      await sold(trade, [TWO_COFFEES, ONE_OFF], ['cash', '2.00'])
      expectSent(trade.sent()[0] ?? [], STORNO[family])
      expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([['sale', 200]])
      expect((await closed(trade.register))['totals']).toMatchObject({
        vat: [{ name: 'IVA 22 %', amount: '2.00', tax_amount: '0.36' }],
      })
      expect(await trade.findings()).toEqual([])
    }))
})

const VR: Readonly<Record<string, readonly (readonly (string | RegExp)[])[]>> = {
  rch: [
    [`=r/&${today()}/[0/]0/(VR)`, '=R5/$250/*1/(VUOTI)', '=T1/$150', '=T1/$100'],
    ['=R1/$100/*1/(VINO)', '=T1/$100'],
  ],
  custom: [
    [`7114R02VR${today()}`, '3301100000100000505VUOTI00000025000', '3007010000000000150', '3007010000000000100'],
    ['3301100000100000104VINO00000010000', '3007010000000000100'],
  ],
  epson: [
    [
      /<printRecMessage .*messageType="4" .*message="REFUND 0000 0000 \d{8} VR"/,
      /<printRecRefund .*description="VUOTI"/,
    ],
    [/<printRecItem .*description="VINO"/, /<printRecTotal .*payment="1,00"/],
  ],
}

describe.each(FAMILIES)('%s: empties in a sale', (family) => {
  test('are a reso of VR before the sale, with the day of creation (vector I11)', () =>
    atPrinter(family, async (trade) => {
      const done = await sold(trade, [WINE, EMPTIES], ['cash', '-1.50'])
      const [reso = [], sale = []] = trade.sent()
      expectSent(reso, VR[family]?.[0])
      expectSent(sale, VR[family]?.[1])
      expect(done).toMatchObject({
        status: 'completed',
        fiscal_information: {
          document_type: 'sale',
          documents: [{ document_type: 'return', reference: expect.stringMatching(/^VR \d\d-\d\d-20\d\d$/) }, {}],
        },
      })
      expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['return', 250],
        ['sale', 100],
      ])
      expect((await closed(trade.register))['totals']).toMatchObject({
        vat: [
          { name: 'IVA 22 %', amount: '1.00', tax_amount: '0.18' },
          { name: 'N1', amount: '-2.50', tax_amount: '0.00' },
        ],
        payments: [{ name: 'Contanti', amount: '-1.50' }],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('leave a card its amount: what both documents come to passes in cash', () =>
    atPrinter(family, async (trade) => {
      await sold(trade, [WATER, EMPTIES], ['card', '7.50'])
      expect(trade.documents().map(({ kind, totalCents, cashCents }) => [kind, totalCents, cashCents])).toEqual([
        ['return', 250, -250],
        ['sale', 1000, 250],
      ])
      expect((await closed(trade.register))['totals']).toMatchObject({
        payments: [
          { name: 'Carte elettroniche', amount: '7.50' },
          { name: 'Contanti', amount: '0.00' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('come back alone as a reso of VR: by a sale, and by a return without a reference', () =>
    atPrinter(family, async (trade) => {
      await traded(trade.register, 'sale', [EMPTIES])
      await traded(trade.register, 'return', [EMPTIES])
      expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['return', 250],
        ['return', 250],
      ])
      expect(await trade.findings()).toEqual([])
    }))

  test('goods of an earlier sale come back on its document, and STORNO stays on the new one', () =>
    atPrinter(family, async (trade) => {
      const first = await traded(trade.register, 'sale', [WATER])
      const more = { quantity: -1, unit_price: '1.50', related_operation_id: first.id }
      await sold(trade, [TWO_COFFEES, ONE_OFF, { title: 'ACQUA', amount: '-1.50', more }], ['cash', '0.50'])
      expect(trade.documents().map(({ kind, totalCents, original }) => [kind, totalCents, original?.number])).toEqual([
        ['sale', 1000, undefined],
        ['return', 150, 1],
        ['sale', 200, undefined],
      ])
      expect(await trade.findings()).toEqual([])
    }))
})

test('a sale that has printed a reso has no annullo', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    for (const lines of [[WATER, EMPTIES], [EMPTIES]]) {
      const done = await traded(register, 'sale', lines)
      const body = event('void', register.id, { related_operation_id: done.id })
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
        ...{ code: 'related_operation_invalid', fiscal_effect: 'none' },
      })
    }
    expect(trade.documents().map(({ kind }) => kind)).toEqual(['return', 'sale', 'return'])
  }))

/** A line in the form of a cancelled piece. */
function off(amount: string, more: Members = {}): Line {
  return { title: 'CAFFE', amount: `-${amount}`, more: { ...COFFEE, quantity: -1, unit_price: amount, ...more } }
}

function ofDocument(text: string): Members {
  return { external_related_operation: { description: 'x', external_operation_id: text } }
}

const FOREIGN = '0001-0001 01-06-2026 72IV6999999'
const EXTERNAL_ID = '/external_related_operation/external_operation_id'
const BROKEN = { code: 'unprocessable_entity' }
const ALL_FORMS = { code: 'related_operation_invalid', message: expect.stringContaining('"POS DD-MM-YYYY"') }

/** What a sale cannot take back, and its refusal. */
const BAD_SALES: readonly (readonly [name: string, lines: Lines, refusal: Members, more?: Members])[] = [
  ['more pieces than it has', [TWO_COFFEES, off('4.00', { quantity: -3, unit_price: '1.33' })], at(1)],
  ['more money than it has', [TWO_COFFEES, off('4.01'), WATER], at(1)],
  ['a piece by a negative price', [TWO_COFFEES, { ...ONE_OFF, more: byPrice() }], at(1)],
  ['another article', [TWO_COFFEES, off('2.00', { sku_identifier: 'te' })], at(1)],
  ['an article of another rate', [TWO_COFFEES, { ...off('2.00'), rate: '0.10' }], at(1)],
  ['an article of another department', [TWO_COFFEES, off('2.00', { department: 'servizi' })], at(1)],
  ['an article of another type', [TWO_COFFEES, off('2.00', { type: 'service_charge' })], at(1)],
  ['a gift card', [TWO_COFFEES, off('2.00', { type: 'gift_card', gift_card_id: 'x' })], at(1)],
  ['empties and goods of a document', [WATER, EMPTIES, off('1.00', ofDocument(FOREIGN))], at(2)],
  ['goods of two documents', [WATER, off('1.00', ofDocument(FOREIGN)), off('1.00', ofDocument('ND'))], at(2)],
  ['goods of a document below its total', [WATER, off('10.01', ofDocument(FOREIGN))], pointed('/total_amount')],
  ['empties below their sum', [EMPTIES, off('1.00', ofDocument(FOREIGN))], pointed('/total_amount')],
  ['a slip without its day', [WATER, off('1.00', ofDocument('POS'))], { ...ALL_FORMS, ...pointer(1) }],
  ['30 February', [WATER, off('1.00', ofDocument('POS 30-02-2026'))], { ...ALL_FORMS, ...pointer(1) }],
  ['a day in the future', [WATER, off('1.00', ofDocument('VR 31-12-2098'))], { ...ALL_FORMS, ...pointer(1) }],
  ['another word', [WATER, off('1.00', ofDocument('XX 24-11-2026'))], { ...ALL_FORMS, ...pointer(1) }],
  [
    'goods of an operation that there is not',
    [WATER, off('1.00', { related_operation_id: 'op_none' })],
    { code: 'related_operation_invalid' },
  ],
  [
    'a lottery code on empties alone',
    [EMPTIES],
    { ...BROKEN, details: { pointer: '/customer/lottery_code' } },
    { customer: { lottery_code: 'ABCD1234' } },
  ],
]

function byPrice(): Members {
  return { ...COFFEE, quantity: 1, unit_price: '-2.00' }
}

function at(index: number): Members {
  return pointed(`/line_items/${index}/total_amount`)
}

function pointed(place: string): Members {
  return { ...BROKEN, details: { pointer: place } }
}

function pointer(index: number): Members {
  return { details: { pointer: `/line_items/${index}${EXTERNAL_ID}` } }
}

test('what a sale cannot take back is 422 at its place, and nothing is journalled or sent', () =>
  atPrinter('rch', async (trade) => {
    const head = trade.bench.head()
    for (const [name, lines, refusal, more] of BAD_SALES)
      expect(await refused(trade, lines, more), name).toMatchObject({
        ...{ status: 422, fiscal_effect: 'none' },
        ...refusal,
      })
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toEqual([])
  }))

test('goods of an earlier sale come back at its rates, and a return names its document as a whole', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const first = await traded(register, 'sale', [WATER])
    const head = trade.bench.head()
    const related = { related_operation_id: first.id }
    const lower = { ...off('1.00', related), rate: '0.10' }
    expect(await refused(trade, [WATER, lower])).toMatchObject({
      ...{ code: 'tax_rate_not_supported', fiscal_effect: 'none', details: { line_index: 1, rate: '0.10' } },
    })
    const returned = (type: 'return' | 'exchange', lines: Lines, more: Members) =>
      register.till.refused({ path: '/v1/operations', body: movement(type, register, lines, more) })
    for (const [type, lines] of [
      ['return', [off('1.00', related)]],
      ['exchange', [WATER, off('1.00', ofDocument('ND'))]],
    ] as const) {
      const index = lines.length - 1
      expect(await returned(type, lines, related)).toMatchObject({ ...at(index), fiscal_effect: 'none' })
    }
    expect(await returned('return', [WINE, EMPTIES], related)).toMatchObject({ ...at(0), fiscal_effect: 'none' })
    expect(await returned('return', [EMPTIES, off('1.00')], {})).toMatchObject(pointed('/related_operation_id'))
    const both = { ...related, ...ofDocument('ND') }
    expect(await refused(trade, [WATER, off('1.00', both)])).toMatchObject(
      pointed('/line_items/1/related_operation_id'),
    )
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toHaveLength(1)
  }))

test.each(FAMILIES)('%s: titles with signs of the grammar are printed as STORNO', (family) =>
  atPrinter(family, async (trade) => {
    const title = 'TOTALE (1/2) ~'
    await sold(
      trade,
      [
        { ...TWO_COFFEES, title },
        { ...ONE_OFF, title },
      ],
      ['cash', '2.00'],
    )
    expect(trade.documents()).toMatchObject([{ totalCents: 200 }])
    expect(await trade.findings()).toEqual([])
  }),
)

test('the customer and the lottery code are on the document of the goods, and on a reso alone if it may have them', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const lottery = { customer: { lottery_code: 'ABCD1234' } }
    const open = await register.till.create(movement('sale', register, [WATER, EMPTIES], lottery))
    await register.till.complete(open, [pay('card', '7.50')])
    const [reso = [], sale = []] = trade.sent()
    expect([reso, sale].map((parts) => parts.filter((part) => part.includes('ABCD1234')).length)).toEqual([0, 1])
    const customer = { customer: { tax_number: 'RSSMRA80A01H501U' } }
    await traded(register, 'sale', [EMPTIES], customer)
    expect(trade.sent()[2]).toContainEqual(expect.stringContaining('RSSMRA80A01H501U'))
    expect(await trade.findings()).toEqual([])
  }))

test('a piece that is given away, taken off and brought back in one sale is on two documents that come to its total', () =>
  atPrinter('rch', async (trade) => {
    const gift = { title: 'OMAGGIO', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00' } }
    const lines = [gift, TWO_COFFEES, ONE_OFF, EMPTIES, WATER]
    await sold(trade, lines, ['card', '9.50'])
    expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
      ['return', 250],
      ['sale', 1200],
    ])
    expect(await trade.findings()).toEqual([])
  }))

test.each([
  ['POS 24-11-2026', '=r/&241126/[0/]0/(POS)'],
  ['VR 24-11-2026', '=r/&241126/[0/]0/(VR)'],
  ['ND', `=r/&${today()}/[0/]0/(ND)`],
  ['0007-0012 24-11-2026 72IV6999999', '=r/&241126/[7/]12/(72IV6999999)'],
])('goods that come back in a sale name their evidence on the line, empties too: %s', (text, opening) =>
  atPrinter('rch', async (trade) => {
    await sold(trade, [WATER, off('1.00', ofDocument(text))], ['cash', '9.00'])
    const crate = { ...EMPTIES, more: { type: 'container_deposit', ...ofDocument(text) } }
    await sold(trade, [WATER, crate], ['cash', '7.50'])
    expect(trade.sent().map(([first]) => first)).toEqual([
      opening,
      '=R1/$1000/*1/(ACQUA)',
      opening,
      '=R1/$1000/*1/(ACQUA)',
    ])
    expect(await trade.findings()).toEqual([])
  }),
)

test('the Z names a sale of which more came back by the lines of sales than it had', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const more = { sku_identifier: 'acqua' }
    const first = await traded(register, 'sale', [{ ...WATER, more }])
    const back = { title: 'ACQUA', amount: '-5.00' }
    const one = { ...more, quantity: -1, unit_price: '5.00', related_operation_id: first.id }
    for (const _ of [1, 2]) await sold(trade, [WATER, { ...back, more: one }], ['cash', '5.00'])
    expect((await closed(register))['hints']).toMatchObject([
      { code: 'returned_beyond_sale', operation_id: first.id, sold: '10.00', returned: '10.00' },
    ])
    expect(await trade.findings()).toEqual([])
  }))
