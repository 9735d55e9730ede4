// @module-tag heavy
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Call, Members, Operation } from './client.ts'
import { completion } from './client.ts'
import { francs, frankSale } from './germany/foreign-cash.ts'
import { billOf, cups, lineOf, ordered, tavern } from './germany/tavern.ts'
import { elsewhere, goods, goodsOf, pay } from './goods.ts'

let bench: Bench
let bar: Register
/** An open sale of 1.00, and an open one without a line. */
let open: Operation
let empty: Operation
let done: Operation
/** Of an intra-community supply, for which a buyer needs a VAT number. */
let supply: Operation
let refund: Operation
/** Goods that are too long to be recorded with long payments: a bill whose line another bill settled, and a return. */
let overtaken: Operation
let long: Operation

const VAT_ID = { vat_id: 'FR12345678901', name: 'Café' }
const FOREIGN = [francs('-20.01', '-18.61'), pay('cash', '3.61')]

/** 90 of the longest texts, of which the first one is more than 0. */
function longPayments(first: readonly Members[]): Members[] {
  const text = '"'.repeat(255)
  const words = { processor: text, processor_reference: text, card_brand: text, scheme: text }
  return [...first, ...Array.from({ length: 90 }, () => ({ ...pay('card', '0.00'), ...words }))]
}

function longLines(total: string): Parameters<typeof goods>[2] {
  const title = '€"'.repeat(500)
  return Array.from({ length: 200 }, (_, index) => [index === 0 ? total : '0.00', '0.19', { title }] as const)
}

function sums(type: 'sale' | 'return', total: string, more: Members = {}): Members {
  return { ...goodsOf(goods(type, null, [[total, '0.19']])), ...more }
}

beforeAll(async () => {
  bench = await Bench.open()
  bar = (await tavern(bench)).bar
  const { id, till } = bar
  open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  empty = await till.create(goods('sale', id, []))
  const sold = await till.create(goods('sale', id, [['1.00', '0.07']]))
  done = await till.complete(sold, [pay('cash', '1.00')])
  const line = { taxes: [{ name: 'igL', rate: '0', tax_amount: '0.00', code: 'intra_community' }] }
  supply = await till.create(goods('sale', id, [['1.00', '0', line]], { customer: VAT_ID }))
  const order = await ordered(bar, 'Tisch 1', cups(1))
  const bill = [cups(1, { order_line_id: lineOf(order, 0) })] as const
  overtaken = await till.create(billOf(bar, 'Tisch 1', ...bill, ...longLines('0.00')))
  await till.complete(await till.create(billOf(bar, 'Tisch 1', ...bill)), [pay('cash', '3.99')])
  const back = await frankSale(bar)
  const related = { related_operation_id: back.id }
  refund = await till.create(goods('return', id, [['-15.00', '0.19']], related))
  long = await till.create(goods('return', id, longLines('-15.00'), elsewhere))
})

afterAll(async () => bench[Symbol.asyncDispose]())

/** Each step, and the next one: a request with both faults, and the same without the first. */
const STEPS: readonly [first: string, second: string, of: (hasFirst: boolean) => Call][] = [
  ['precondition_failed', 'invalid_request', (hasFirst) => ({ ...completion(open, []), ifMatch: hasFirst ? 2 : 1 })],
  [
    'invalid_request',
    'amount_mismatch /total_amount',
    (hasFirst) =>
      completion(open, hasFirst ? [] : [pay('cash', '1.00')], sums('sale', '1.00', { total_amount: '2.00' })),
  ],
  [
    'amount_mismatch /total_amount',
    'unprocessable_entity /tip_recipient',
    (hasFirst) => {
      const total = hasFirst ? { total_amount: '-16.00' } : {}
      return completion(refund, [pay('cash', '-15.00')], {
        ...sums('return', '-15.00', total),
        tip_recipient: 'employee',
      })
    },
  ],
  [
    'unprocessable_entity /tip_recipient',
    'unprocessable_entity /line_items',
    (hasFirst) =>
      completion(empty, [pay('cash', '1.00')], hasFirst ? { tip_amount: '1.00', tip_recipient: 'owner' } : {}),
  ],
  [
    'unprocessable_entity /line_items',
    'payment_total_mismatch',
    (hasFirst) => completion(empty, [pay('cash', '5.00')], hasFirst ? {} : sums('sale', '1.00')),
  ],
  [
    'customer_required /customer/vat_id',
    'payment_total_mismatch',
    (hasFirst) => completion(supply, [pay('cash', '5.00')], hasFirst ? { customer: { name: 'Café' } } : {}),
  ],
  [
    'payment_total_mismatch',
    'operation_invalid_state',
    (hasFirst) => ({ ...completion(done, [pay('cash', hasFirst ? '2.00' : '1.00')]), ifMatch: 2 }),
  ],
  [
    'operation_invalid_state',
    'customer_required /customer',
    (hasFirst) => ({ ...completion(hasFirst ? done : open, [pay('on_account', '1.00')]), ifMatch: hasFirst ? 2 : 1 }),
  ],
  [
    'customer_required /customer',
    'order_quantity_exceeded /line_items/0',
    (hasFirst) => completion(overtaken, [pay(hasFirst ? 'on_account' : 'cash', '3.99')]),
  ],
  [
    'order_quantity_exceeded /line_items/0',
    'payload_too_large',
    (hasFirst) => {
      const [operation, total] = hasFirst ? ([overtaken, '3.99'] as const) : ([long, '-15.00'] as const)
      return completion(operation, longPayments([pay('cash', total)]))
    },
  ],
  [
    'payload_too_large',
    'drawer_insufficient',
    (hasFirst) => completion(long, hasFirst ? longPayments(FOREIGN) : FOREIGN),
  ],
]

test.each(STEPS)('a completion is refused with %s before %s', async (first, second, of) => {
  const head = bench.head()
  for (const [hasFirst, refusal] of [
    [true, first],
    [false, second],
  ] as const) {
    const { code, details } = await bar.till.refused(of(hasFirst))
    const { pointer } = details as { pointer?: string }
    expect([code, pointer].join(' ').trim()).toBe(refusal)
  }
  expect(bench.requestedSince(head)).toEqual([])
})

test('a completion is refused with drawer_insufficient before it waits for an act, and waits before a device is busy', async () => {
  await using other = await Bench.open()
  const { id, till } = await other.till()
  const sent = goods('return', id, [['-15.00', '0.19']], elsewhere)
  const started = await till.create(sent)
  await other.fault('slow=3000@start')
  const creates = Array.from({ length: 66 }, (_, index) =>
    till.call({ path: '/v1/operations', body: sent, key: `return-${index}` }),
  )
  const ofKind = (wanted: string) => other.journal().flatMap(({ kind, op }) => (kind === wanted ? [op] : []))
  const created = await other.until(() => ofKind('operation.created').length > 64 && ofKind('operation.created'))
  const waiting = { id: String(created.at(-1)) }
  for (const open of [waiting, started])
    expect(await till.refused(completion(open, FOREIGN))).toMatchObject({ code: 'drawer_insufficient' })
  expect(ofKind('operation.started')).not.toContain(waiting.id)
  const cash = [pay('cash', '-15.00')]
  const last = till.call(completion(waiting, cash))
  expect(await till.refused(completion(started, cash))).toMatchObject({ code: 'fiscal_device_busy' })
  await other.fault('clear')
  expect((await last).status).toBe(200)
  await Promise.all(creates)
})
