import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes } from '../../agent/contract/routes.ts'
import type { ErrorCode } from '../../agent/errors.ts'
import { ERRORS } from '../../agent/errors.ts'
import { today } from '../today.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Call, Client, Members } from './client.ts'
import { amending, completion } from './client.ts'
import { elsewhere, event, goods, order, pay } from './goods.ts'

let bench: Bench
let shop: Register
let closed: Register
let retired: Register
let saleId = ''
let doneId = ''

beforeAll(async () => {
  bench = await Bench.open()
  const { locationId } = await bench.shop()
  shop = await bench.register(locationId)
  closed = await bench.register(locationId)
  retired = await bench.register(locationId)
  await bench.office.post(`/v1/registers/${retired.id}/decommission`, {}, 200)
  await shop.till.create(event('session_open', shop.id, { opening_balance_amount: '50.00' }))
  saleId = (await shop.till.create(goods('sale', shop.id, [['1.00', '0.07']]))).id
  const done = await shop.till.create(goods('sale', shop.id, [['1.00', '0.07']]))
  doneId = (await shop.till.complete(done, [pay('cash', '1.00')])).id
})
afterAll(() => bench[Symbol.asyncDispose]())

const STAFF = { customer: { id: '7' } }

type Row = [code: ErrorCode, what: string, call: () => Call, details?: Members, client?: () => Client]

function operation(body: unknown, more: Partial<Call> = {}): Call {
  return { path: '/v1/operations', body, ...more }
}

function sale(more: Members = {}): Members {
  return goods('sale', shop.id, [['1.00', '0.07']], more)
}

function line(more: Members): Call {
  return operation(goods('sale', shop.id, [['1.00', '0.07', more]]))
}

function complete(payments: Members[], more: Partial<Call> = {}): Call {
  return { ...completion({ id: saleId }, payments), ...more }
}

function office(): Client {
  return bench.office
}

function tax(rate: string, tax_amount: string, more: Members = {}) {
  return [{ name: 'USt', rate, tax_amount, ...more }]
}

const LINE = goods('sale', '', [['1.00', '0.07']])['line_items'] as readonly [Members]

function ordered(more: Members = {}): Call {
  return operation(order(shop.id, [['1.00', '0.07']], more))
}

function orderedLine(more: Members): Call {
  return operation(order(shop.id, [['1.00', '0.07', more]]))
}

const NAMED = { order_line_id: 'li_unknown' }
const LINE_1 = '/line_items/1/total_amount'
const EMPTIES = { type: 'container_deposit' }
const INVOICE = { kind: 'invoice', external_operation_id: '4711' }

/** `at`: the line or member that is refused. */
function lineBack(what: string, lines: Parameters<typeof goods>[2], at: string, more: Members = {}): Row {
  return ['unprocessable_entity', what, () => operation(goods('sale', shop.id, lines, more)), { pointer: at }]
}

function backOf(more: Members): Parameters<typeof goods>[2][number] {
  return ['-1.00', '0.07', { quantity: -1, unit_price: '1.00', ...more }]
}

const linesBack: Row[] = [
  lineBack('a cancelled piece of another article', [['9.00', '0.07', { sku_identifier: 'b' }], backOf({})], LINE_1),
  lineBack('a cancelled piece of another rate', [['9.00', '0.19', { sku_identifier: 'sku-0.07' }], backOf({})], LINE_1),
  lineBack('a cancelled piece of another type', [['9.00', '0.07'], backOf({ type: 'service_charge' })], LINE_1),
  lineBack('more pieces than the sale has', [['9.00', '0.07'], backOf({ quantity: -2, unit_price: '0.50' })], LINE_1),
  lineBack(
    'more money than the sale has',
    [['0.90', '0.07', { quantity: 3, unit_price: '0.30' }], ['5.00', '0'], backOf({})],
    '/line_items/2/total_amount',
  ),
  lineBack(
    'a cancelled piece by its price',
    [
      ['9.00', '0.07'],
      ['-1.00', '0.07'],
    ],
    LINE_1,
  ),
  lineBack(
    'a returned piece by its price',
    [
      ['9.00', '0.07'],
      ['-1.00', '0.07', elsewhere],
    ],
    LINE_1,
  ),
  lineBack(
    'a voucher that comes back',
    [
      ['9.00', '0.07'],
      ['-1.00', '0', { type: 'gift_card', gift_card_id: 'G', quantity: -1, unit_price: '1.00', ...elsewhere }],
    ],
    LINE_1,
  ),
  lineBack('goods alone that come back', [backOf(elsewhere)], '/total_amount'),
  lineBack('more money out than the empties are', [backOf(elsewhere), ['-0.25', '0.19', EMPTIES]], '/total_amount'),
  lineBack('a discount of nothing but empties', [['-0.25', '0.19', EMPTIES]], '/cart_level_discounts', {
    cart_level_discounts: [{ amount: '0.10' }],
  }),
  lineBack(
    'two references of one line',
    [['9.00', '0.07'], backOf({ related_operation_id: 'op_x', ...elsewhere })],
    '/line_items/1/related_operation_id',
  ),
  [
    'unprocessable_entity',
    'a deposit of another reference than its capture',
    () =>
      operation(
        goods(
          'deposit_capture',
          shop.id,
          [
            ['2.00', '0.07'],
            ['-1.00', '0.07', { type: 'deposit', related_operation_id: doneId }],
          ],
          { related_operation_id: doneId },
        ),
      ),
    { pointer: '/line_items/1/related_operation_id' },
  ],
  [
    'unprocessable_entity',
    'a return of empties and goods without a reference',
    () =>
      operation(
        goods('return', shop.id, [
          ['-0.25', '0.19', EMPTIES],
          ['-1.00', '0.07'],
        ]),
      ),
    { pointer: '/related_operation_id' },
  ],
  [
    'unprocessable_entity',
    'an exchange of empties without a reference',
    () => operation(goods('exchange', shop.id, [['-0.25', '0.19', EMPTIES]])),
    { pointer: '/related_operation_id' },
  ],
  [
    'related_operation_invalid',
    'a line of an unknown operation',
    () => operation(goods('sale', shop.id, [['9.00', '0.07'], backOf({ related_operation_id: 'op_x' })])),
    { pointer: '/line_items/1/related_operation_id', related_operation_id: 'op_x', line_index: 1 },
  ],
  [
    'related_operation_invalid',
    'a line of an open operation',
    () => operation(goods('sale', shop.id, [['9.00', '0.07'], backOf({ related_operation_id: saleId })])),
    { pointer: '/line_items/1/related_operation_id', line_index: 1 },
  ],
  [
    'tax_rate_not_supported',
    'a rate of another time for a cancelled piece',
    () =>
      operation(
        goods('sale', shop.id, [
          ['9.00', '0.07'],
          ['-0.25', '0.16', EMPTIES],
        ]),
      ),
    { line_index: 1, rate: '0.16' },
  ],
  [
    'tax_rate_not_supported',
    'a rate of another time for what is sold with a reference',
    () => operation(goods('sale', shop.id, [['9.00', '0.16', elsewhere]])),
    { line_index: 0, rate: '0.16' },
  ],
  [
    'invalid_request',
    'a document of another system without words',
    () =>
      operation(
        goods('return', shop.id, [['-1.00', '0.07']], {
          external_related_operation: { external_operation_id: '4711' },
        }),
      ),
    { reason: 'schema', errors: [{ pointer: '/external_related_operation/description', message: 'is required' }] },
  ],
  [
    'invalid_request',
    'the same on a line, of a kind that needs them',
    () => line({ external_related_operation: { ...INVOICE, kind: 'other' } }),
    { errors: [{ pointer: '/line_items/0/external_related_operation/description', message: 'is required' }] },
  ],
  [
    'invalid_request',
    'an unknown kind of document',
    () => line({ external_related_operation: { ...INVOICE, kind: 'quote' } }),
    { reason: 'schema' },
  ],
  [
    'not_supported_by_law',
    'ONLINE with empties',
    () =>
      operation(
        goods('sale', null, [
          ['9.00', '0.07'],
          ['-0.25', '0.19', EMPTIES],
        ]),
      ),
    { member: 'total_amount', pointer: '/line_items/1/total_amount' },
    office,
  ],
  [
    'not_supported_by_law',
    'ONLINE with a reference on a line',
    () => operation(goods('sale', null, [['9.00', '0.07', { external_related_operation: INVOICE }]])),
    { member: 'external_related_operation', pointer: '/line_items/0/external_related_operation' },
    office,
  ],
  [
    'not_supported_by_law',
    'ONLINE with the kind of a document',
    () => operation(goods('return', null, [['-1.00', '0.07']], { external_related_operation: INVOICE })),
    { member: 'kind', pointer: '/external_related_operation/kind' },
    office,
  ],
  [
    'not_supported_by_law',
    'ONLINE with empties alone',
    () => operation(goods('return', null, [['-0.25', '0.19', EMPTIES]])),
    { member: 'related_operation_id', pointer: '/related_operation_id' },
    office,
  ],
]

const orders: Row[] = [
  ...[undefined, '', ' ', '\u200b', 'x'.repeat(51), 'Tisch\t7', 'Tisch\u20287', 'Tisch \u202e7', 'Tisch 7\u200e'].map(
    (group): Row => [
      'invalid_request',
      `an order of the group ${JSON.stringify(group)}`,
      () => ordered({ allocation_group: group }),
      { reason: 'schema' },
    ],
  ),
  [
    'invalid_request',
    'an order of 101 lines',
    () => ordered({ line_items: Array.from({ length: 101 }, () => LINE[0]) }),
    { reason: 'schema' },
  ],
  ['invalid_request', 'an ONLINE order', () => ordered({ source: 'ONLINE' }), { reason: 'schema' }],
  ['invalid_request', 'an order that refers', () => ordered({ related_operation_id: doneId }), { reason: 'schema' }],
  ['invalid_request', 'a transfer without a total', () => operation({ ...transfer(), total_amount: undefined })],
  ['unprocessable_entity', 'an order with a tip', () => ordered({ tip_amount: '1.00' }), { pointer: '/tip_amount' }],
  [
    'unprocessable_entity',
    'two taxes of an ordered line',
    () => orderedLine({ taxes: [...tax('0.07', '0.07'), ...tax('0', '0.00')] }),
    { pointer: '/line_items/0/taxes' },
  ],
  [
    'unprocessable_entity',
    'a discount of an ordered line',
    () => orderedLine({ discounts: [{ amount: '0.10' }] }),
    { pointer: '/line_items/0/discounts' },
  ],
  ...['gift_card', 'service_charge', 'deposit'].map(
    (type): Row => [
      'unprocessable_entity',
      `an ordered ${type}`,
      () => orderedLine({ type }),
      { pointer: '/line_items/0/type' },
    ],
  ),
  [
    'unprocessable_entity',
    'an ordered line of a negative price',
    () => orderedLine({ quantity: -1, unit_price: '-1.00' }),
    { pointer: '/line_items/0/unit_price' },
  ],
  [
    'unprocessable_entity',
    'an ordered line whose total does not have the sign of its quantity',
    () => orderedLine({ total_amount: '-1.00', taxes: tax('0.07', '-0.07') }),
    { pointer: '/line_items/0/total_amount' },
  ],
  [
    'unprocessable_entity',
    'an order of more text than a TSE signs',
    () => ordered({ line_items: Array.from({ length: 25 }, () => ({ ...LINE[0], title: 'x'.repeat(255) })) }),
    { pointer: '/line_items' },
  ],
  ['amount_mismatch', 'an order whose total is not that of its lines', () => ordered({ total_amount: '2.00' })],
  [
    'customer_required',
    'a benefit for no one',
    () => operation(goods('employee_benefit', shop.id, [['1.00', '0.07']], { customer: { email: 'a@b.de' } })),
    { pointer: '/customer' },
  ],
  [
    'unprocessable_entity',
    'a benefit that comes back',
    () =>
      operation(goods('employee_benefit', shop.id, [['-1.00', '0.07', { quantity: -1, unit_price: '1.00' }]], STAFF)),
    { pointer: '/total_amount' },
  ],
  [
    'order_quantity_exceeded',
    'an order that cancels what is not open',
    () => operation(order(shop.id, [['-1.00', '0.07', { quantity: -1, unit_price: '1.00' }]])),
    { left: '0', wanted: '1', sku_identifier: 'sku-0.07', pointer: '/line_items/0' },
  ],
  [
    'order_quantity_exceeded',
    'a bill of a line that is not open',
    () => operation(goods('sale', shop.id, [['1.00', '0.07', NAMED]], { allocation_group: 'Tisch 7' })),
    { left: '0', wanted: '1', pointer: '/line_items/0' },
  ],
  ...[
    order('', [['1.00', '0.07', NAMED]]),
    goods('sale', '', [['1.00', '0.07', NAMED]]),
    goods('return', '', [['-1.00', '0.07', NAMED]], elsewhere),
  ].map(
    (body): Row => [
      'unprocessable_entity',
      `an order_line_id on a line of ${String(body['type'])}`,
      () => operation({ ...body, register_id: shop.id }),
      { pointer: '/line_items/0/order_line_id' },
    ],
  ),
  ['order_quantity_exceeded', 'a move of a table without orders', () => moved({}), { left: '0' }],
  [
    'order_quantity_exceeded',
    'a move of an article that is not open',
    () => moved({ line_items: [{ sku_identifier: 'cup', quantity: '0.5' }] }),
    { left: '0', wanted: '0.5', sku_identifier: 'cup', pointer: '/line_items/0' },
  ],
  ['unprocessable_entity', 'a move of nothing', () => moved({ line_items: [] }), { pointer: '/line_items' }],
  [
    'unprocessable_entity',
    'a move to the same table',
    () => moved({ allocation_group: 'Tisch 7' }),
    { pointer: '/allocation_group' },
  ],
  [
    'unprocessable_entity',
    'a move of less than nothing',
    () => moved({ line_items: [{ sku_identifier: 'cup', quantity: -1 }] }),
    { pointer: '/line_items/0/quantity' },
  ],
  ['currency_not_supported', 'a move in francs', () => moved({ currency: 'CHF' })],
  ['not_found', 'a move at no register', () => moved({ register_id: 'reg_unknown' })],
  ...[
    { allocation_group: ' ' },
    { from_allocation_group: undefined },
    { line_items: [{ quantity: 1 }] },
    { line_items: [{ sku_identifier: 'cup', order_line_id: 'li_1', quantity: 1 }] },
    { training: true },
  ].map(
    (more): Row => ['invalid_request', `a move of ${JSON.stringify(more)}`, () => moved(more), { reason: 'schema' }],
  ),
  ['unprocessable_entity', 'a transfer with a tip', () => operation(transfer({ tip_amount: '1.00' }))],
  [
    'unprocessable_entity',
    'a transfer of a voucher',
    () => operation(goods('transfer', shop.id, [['1.00', '0', { type: 'gift_card' }]])),
    { pointer: '/line_items/0/type' },
  ],
  [
    'not_supported_by_law',
    'an ONLINE sale of a table',
    () => operation(goods('sale', null, [['1.00', '0.07']], { allocation_group: 'Tisch 7' })),
    { member: 'allocation_group', pointer: '/allocation_group' },
    office,
  ],
]

/** An amendment of the open sale. */
function amend(body: Members, more: Partial<Call> = {}): Call {
  return { ...amending({ id: saleId, resource_version: 1 }, body), ...more }
}

const [oneLine] = goods('sale', '', [['1.00', '0.07']])['line_items'] as Members[]

const amendments: Row[] = [
  ['invalid_request', 'an amendment without lines', () => amend({ note: 'parked' }), { reason: 'schema' }],
  ['invalid_request', 'an amendment without its amounts', () => amend({ line_items: [oneLine] }), { reason: 'schema' }],
  ['invalid_request', 'an amendment with payments', () => amend(sale({ payments: [] })), { reason: 'schema' }],
  [
    'invalid_request',
    'an amendment without a key',
    () => amend(sale(), { headers: { 'Idempotency-Key': undefined } }),
    { reason: 'idempotency_key' },
  ],
  ['not_found', 'an amendment of nothing', () => amend(sale(), { path: '/v1/operations/op_x' })],
  [
    'precondition_required',
    'an amendment without a version',
    () => amend(sale(), { headers: { 'If-Match': undefined } }),
  ],
  ['precondition_failed', 'an amendment of a stale version', () => amend(sale(), { ifMatch: 2 })],
  [
    'operation_invalid_state',
    'an amendment of a completed one',
    () => ({ ...amending({ id: doneId, resource_version: 2 }, sale()) }),
    { status: 'completed' },
  ],
  [
    'unprocessable_entity',
    'an amendment to another type',
    () => amend(sale({ type: 'deposit' })),
    { pointer: '/type' },
  ],
  [
    'unprocessable_entity',
    'an amendment with a line of another operation',
    () => amend(sale({ line_items: [{ ...oneLine, id: 'li_x' }] })),
    { pointer: '/line_items/0/id', line_index: 0 },
  ],
  ['amount_mismatch', 'an amendment that does not add up', () => amend(sale({ total_amount: '2.00' }))],
  [
    'tax_rate_not_supported',
    'an amendment at an unknown rate',
    () => amend(goods('sale', shop.id, [['1.00', '0.21']])),
  ],
  ['currency_not_supported', 'a begin in another currency', () => operation(sale({ currency: 'USD', line_items: [] }))],
  [
    'unprocessable_entity',
    'a return that begins without its reference',
    () => operation(goods('return', shop.id, [])),
    { pointer: '/related_operation_id' },
  ],
  [
    'amount_mismatch',
    'a begin with an amount and no line',
    () => operation(sale({ line_items: [], tax_amount: '0.00', pretax_amount: '1.00' })),
    { pointer: '/line_items' },
  ],
  ...(['pretax_amount', 'tax_amount', 'tip_amount', 'total_amount'] as const).map(
    (name): Row => [
      'unprocessable_entity',
      `a completion with ${name} and no lines`,
      () => complete([pay('cash', '1.00')], { body: { payments: [pay('cash', '1.00')], [name]: '1.00' } }),
      { pointer: `/${name}` },
    ],
  ),
  [
    'unprocessable_entity',
    'a completion with an empty list of lines',
    () => complete([], { body: { payments: [pay('cash', '0.00')], line_items: [] } }),
    { pointer: '/line_items' },
  ],
  [
    'payment_total_mismatch',
    'a completion whose payments are those of the former goods',
    () => {
      const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', shop.id, [
        ['2.00', '0.07'],
      ])
      const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
      return complete([], { body: { payments: [pay('cash', '1.00')], ...last } })
    },
    { total_amount: '2.00' },
  ],
]

function moved(more: Members): Call {
  return operation(
    event('order_move', shop.id, { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 8', ...more }),
  )
}

function transfer(more: Members = {}): Members {
  return goods('transfer', shop.id, [['1.00', '0.07']], more)
}

const table: Row[] = [
  ...orders,
  ...amendments,
  ...linesBack,
  ['invalid_request', 'no JSON', () => operation('{'), { reason: 'json' }],
  ['invalid_request', 'an empty body', () => ({ method: 'POST', path: '/v1/operations' }), { reason: 'json' }],
  ['invalid_request', 'an unknown member', () => operation(sale({ extra: 1 })), { reason: 'schema' }],
  ['invalid_request', 'money as a number', () => operation(sale({ tip_amount: 0 })), { reason: 'schema' }],
  ['invalid_request', 'an unknown type', () => operation(event('refund', shop.id, {})), { reason: 'schema' }],
  [
    'invalid_request',
    'a close with count fields',
    () => operation(event('session_close', shop.id, { business_date: today(), counted_closing_amount: '1.00' })),
    { reason: 'schema' },
  ],
  [
    'invalid_request',
    'a day that is none',
    () => operation(event('session_close', shop.id, { business_date: '2026-02-29' })),
    { reason: 'schema' },
  ],
  ['invalid_request', 'U+0000', () => operation(sale({ note: 'a\0' })), { reason: 'schema' }],
  [
    'invalid_request',
    'metadata over 8 KiB',
    () => operation(sale({ metadata: { a: 'x'.repeat(8200) } })),
    { reason: 'schema' },
  ],
  [
    'invalid_request',
    'lines without an amount',
    () => operation(sale({ total_amount: undefined })),
    { reason: 'schema' },
  ],
  [
    'invalid_request',
    'completion without a key',
    () => complete([pay('cash', '1.00')], { headers: { 'Idempotency-Key': undefined } }),
    { reason: 'idempotency_key' },
  ],
  ['invalid_request', 'a key with a space', () => operation(sale(), { key: 'a b' }), { reason: 'idempotency_key' }],
  [
    'invalid_request',
    'If-Match without quotes',
    () => complete([pay('cash', '1.00')], { headers: { 'If-Match': '1' } }),
    { reason: 'if_match' },
  ],
  ['invalid_request', 'a limit over 200', () => ({ path: '/v1/operations?limit=201' }), { reason: 'schema' }],
  ['invalid_request', 'a made-up cursor', () => ({ path: '/v1/operations?cursor=x' }), { reason: 'schema' }],
  [
    'invalid_request',
    'a cursor of the other order',
    () => ({ path: `/v1/operations?order=desc&cursor=${Buffer.from('1').toString('base64url')}` }),
    { errors: [{ pointer: '/cursor', message: 'belongs to another order than desc' }] },
  ],
  [
    'invalid_request',
    'an order of no list',
    () => ({ path: '/v1/operations?order=newest' }),
    { errors: [{ pointer: '/order', message: 'must be "asc" or "desc"' }] },
  ],
  [
    'invalid_request',
    'a receipt number without its register',
    () => ({ path: '/v1/operations?receipt_number=1' }),
    { errors: [{ pointer: '/register_id', message: 'is required with receipt_number' }] },
  ],
  [
    'invalid_request',
    'a receipt number that is none',
    () => ({ path: `/v1/operations?receipt_number=0&register_id=${shop.id}` }),
    { errors: [{ pointer: '/receipt_number', message: 'must be at least 1' }] },
  ],
  [
    'invalid_request',
    'an external_id of 256 characters',
    () => ({ path: `/v1/operations?external_id=${'x'.repeat(256)}` }),
    { errors: [{ pointer: '/external_id', message: 'must have at most 255 characters' }] },
  ],
  [
    'invalid_request',
    'a last operation of no type',
    () => ({ path: `/v1/registers/${shop.id}/last-operation?type=receipt` }),
    { reason: 'schema' },
  ],
  [
    'invalid_request',
    'a void of nothing',
    () => operation(event('void', shop.id, {})),
    { errors: [{ pointer: '/related_operation_id', message: 'is required' }] },
  ],
  ['invalid_request', 'an unknown filter', () => ({ path: '/v1/operations?colour=red' }), { reason: 'schema' }],
  ['unauthorized', 'no key', () => ({ path: '/v1/operations' }), {}, () => bench.client({})],
  ['unauthorized', 'a wrong key', () => ({ path: '/v1/x' }), {}, () => bench.client({ Authorization: 'Bearer x' })],
  ['not_found', "another register's", () => ({ path: `/v1/registers/${closed.id}` })],
  [
    'origin_not_allowed',
    'a foreign page',
    () => ({ path: '/v1/operations', headers: { Origin: 'https://evil.example' } }),
  ],
  [
    'not_found',
    'a last operation of a register that completed none',
    () => ({ path: `/v1/registers/${shop.id}/last-operation?type=exchange` }),
    { resource: 'operation' },
  ],
  [
    'not_found',
    "another register's last operation",
    () => ({ path: `/v1/registers/${closed.id}/last-operation` }),
    { resource: 'register' },
  ],
  ['not_found', 'an operation', () => ({ path: '/v1/operations/op_x' }), { resource: 'operation' }],
  [
    'not_found',
    'a register',
    () => operation(goods('sale', 'reg_x', [['1.00', '0.07']])),
    { resource: 'register' },
    office,
  ],
  ['not_found', 'a session', () => ({ path: `/v1/registers/${closed.id}/session` }), { resource: 'session' }, office],
  [
    'not_found',
    'a merchant',
    () => ({ path: '/v1/locations' }),
    { resource: 'merchant' },
    () => bench.office.forMerchant('m'),
  ],
  ['not_found', 'a route', () => ({ path: '/v1/nothing' }), { resource: 'route' }],
  ['not_found', 'an export', () => ({ path: '/v1/exports/exp_x' }), { resource: 'export' }, office],
  [
    'not_found',
    'a file behind a wrong link',
    () => ({ path: '/v1/exports/exp_x/file?signature=x&expires=9999999999999' }),
    { resource: 'export' },
  ],
  ['method_not_allowed', 'DELETE', () => ({ method: 'DELETE', path: `/v1/operations/${saleId}` })],
  [
    'method_not_allowed',
    'PATCH of the list of operations',
    () => ({ method: 'PATCH', path: '/v1/operations', body: {} }),
  ],
  ['no_open_session', 'a sale', () => operation(goods('sale', closed.id, [['1.00', '0.07']])), {}, () => closed.till],
  [
    'no_open_session',
    'a count',
    () => operation(event('session_cash_count', closed.id, { counted_closing_amount: '0' })),
    {},
    () => closed.till,
  ],
  [
    'session_invalid_state',
    'a second open',
    () => operation(event('session_open', shop.id, { opening_balance_amount: '0' })),
  ],
  ['session_not_counted', 'a close', () => operation(event('session_close', shop.id, { business_date: today() }))],
  [
    'drawer_insufficient',
    'a cash movement of more than there is',
    () => operation(event('session_cash_adjustment', shop.id, { cash_amount: '-9999.00' })),
    { register_id: expect.any(String) },
  ],
  [
    'operation_invalid_state',
    'completion of a completed one',
    () => ({ ...completion({ id: doneId }, [pay('cash', '1.00')]), ifMatch: 2 }),
  ],
  ['operation_invalid_state', 'receipt of an open one', () => ({ path: `/v1/operations/${saleId}/receipt` })],
  [
    'open_operations',
    'a count',
    () => operation(event('session_cash_count', shop.id, { counted_closing_amount: '0' })),
    { count: 1 },
  ],
  ['fiscalization_conflict', 'again', () => ({ path: `/v1/registers/${shop.id}/fiscalize`, body: {} }), {}, office],
  [
    'decommission_conflict',
    'in a session',
    () => ({ path: `/v1/registers/${shop.id}/decommission`, body: {} }),
    { reason: 'session_open' },
    office,
  ],
  [
    'register_decommissioned',
    'a sale',
    () => operation(goods('sale', retired.id, [['1.00', '0.07']])),
    {},
    () => retired.till,
  ],
  [
    'precondition_failed',
    'a stale version',
    () => complete([pay('cash', '1.00')], { ifMatch: 3 }),
    { current_resource_version: 1, expected_resource_version: 3 },
  ],
  [
    'precondition_required',
    'no If-Match',
    () => complete([pay('cash', '1.00')], { headers: { 'If-Match': undefined } }),
  ],
  ['payload_too_large', 'over 1 MiB', () => operation(`"${'x'.repeat(1024 * 1024)}"`)],
  ['unsupported_media_type', 'text', () => operation('x', { headers: { 'Content-Type': 'text/plain' } })],
  ['unprocessable_entity', 'a negative sale', () => operation(goods('sale', shop.id, [['-1.00', '0.07']]))],
  [
    'unprocessable_entity',
    'a positive return',
    () => operation(goods('return', shop.id, [['1.00', '0.07']], elsewhere)),
  ],
  ['unprocessable_entity', 'a return of nothing', () => operation(goods('return', shop.id, [['-1.00', '0.07']]))],
  [
    'unprocessable_entity',
    'POS without a register',
    () => operation(goods('sale', null, [['1.00', '0.07']], { source: 'POS' })),
  ],
  ['forbidden', 'ONLINE with the key of a register', () => operation(goods('sale', null, [['1.00', '0.07']]))],
  [
    'unprocessable_entity',
    'a terminal that the register does not have',
    () => operation(sale({ terminal_id: 'T1' })),
    { pointer: '/terminal_id', terminal_id: 'T1' },
  ],
  [
    'unprocessable_entity',
    'two terminals with one id',
    () => {
      const terminals = ['A', 'B'].map((serial_number) => ({ id: 'T1', serial_number }))
      return { method: 'PATCH', path: `/v1/registers/${shop.id}`, body: { terminals } }
    },
    { pointer: '/terminals/1/id' },
    office,
  ],
  [
    'not_supported_by_law',
    'ONLINE from a terminal',
    () => operation(goods('sale', null, [['1.00', '0.07']], { terminal_id: 'T1' })),
    { member: 'terminal_id', pointer: '/terminal_id' },
    office,
  ],
  ['unprocessable_entity', 'ONLINE with a register', () => operation(sale({ source: 'ONLINE' }))],
  ['unprocessable_entity', 'a sale that refers', () => operation(sale({ related_operation_id: doneId }))],
  [
    'unprocessable_entity',
    'cash of nothing',
    () => operation(event('session_cash_adjustment', shop.id, { cash_amount: '0.00' })),
  ],
  [
    'unprocessable_entity',
    'a wage that comes in',
    () => operation(event('session_cash_adjustment', shop.id, { cash_amount: '5.00', movement_type: 'wage' })),
  ],
  [
    'unprocessable_entity',
    'two taxes on a German line',
    () => line({ taxes: [...tax('0.07', '0.07'), ...tax('0', '0.00')] }),
  ],
  ['amount_mismatch', 'the sum', () => operation(sale({ total_amount: '1.01' }))],
  ['amount_mismatch', 'the lines', () => line({ total_amount: '0.99' })],
  ['amount_mismatch', 'half a cent', () => operation(sale({ tip_amount: '0.005', total_amount: '1.005' }))],
  ['amount_mismatch', 'the tax of the whole', () => operation(sale({ pretax_amount: '0.90', tax_amount: '0.10' }))],
  [
    'tax_amount_precision_invalid',
    'a tax amount',
    () => line({ taxes: tax('0.07', '0.08') }),
    { expected_2dp: '0.07', expected_8dp: '0.06542056', line_index: 0 },
  ],
  ['tax_rate_not_supported', 'a rate of no German law', () => line({ taxes: tax('0.20', '0.17') })],
  ['tax_rate_not_supported', 'a rate of another time', () => line({ taxes: tax('0.16', '0.14') })],
  [
    'tax_rate_not_supported',
    'a rate of another time for what is taken in exchange for goods that had it',
    () =>
      operation(
        goods(
          'exchange',
          shop.id,
          [
            ['-1.00', '0.16'],
            ['2.00', '0.16'],
          ],
          elsewhere,
        ),
      ),
    { line_index: 1, rate: '0.16' },
  ],
  [
    'amount_mismatch',
    'an undeclared difference in a line',
    () => operation(goods('sale', shop.id, [['5.00', '0.07', { quantity: 3, unit_price: '10.00' }]])),
    { line_index: 0, expected_total_amount: '30.00' },
  ],
  [
    'tax_rate_not_supported',
    'a rate of another time for the goods of a deposit',
    () =>
      operation(
        goods(
          'deposit_capture',
          shop.id,
          [
            ['2.00', '0.16'],
            ['-1.00', '0.16', { type: 'deposit' }],
          ],
          { related_operation_id: saleId },
        ),
      ),
    { line_index: 0, rate: '0.16' },
  ],
  ['tax_rate_not_supported', 'a code of another law', () => line({ taxes: tax('0', '0.00', { code: 'N1' }) })],
  ['payment_total_mismatch', 'too little', () => complete([pay('cash', '0.50')])],
  [
    'payment_status_invalid',
    'cash that is only authorized',
    () => complete([pay('cash', '1.00', { status: 'authorized' })]),
    { pointer: '/payments/0/status' },
  ],
  ['gift_card_id_required', 'blank', () => complete([pay('gift_card', '1.00', { gift_card_id: ' ' })])],
  ['gift_card_tax_rate_must_be_zero', 'a taxed gift card', () => line({ type: 'gift_card' })],
  ['currency_not_supported', 'a sale in CHF', () => operation(sale({ currency: 'CHF' }))],
  ['currency_not_supported', 'a payment in CHF', () => complete([pay('cash', '1.00', { currency: 'CHF' })])],
  [
    'related_operation_invalid',
    'a return of an open sale',
    () => operation(goods('return', shop.id, [['-1.00', '0.07']], { related_operation_id: saleId })),
  ],
  [
    'related_operation_invalid',
    'a return by an own id that no completed operation has',
    () => operation(goods('return', shop.id, [['-1.00', '0.07']], { related_external_id: 'none' })),
    { related_external_id: 'none', operation_ids: [] },
  ],
  [
    'related_operation_invalid',
    'a void by an own id that no completed operation has',
    () => operation(event('void', shop.id, { related_external_id: 'none' })),
    { related_external_id: 'none', operation_ids: [] },
  ],
  [
    'unprocessable_entity',
    'a return with two kinds of references',
    () =>
      operation(
        goods('return', shop.id, [['-1.00', '0.07']], { related_external_id: 'none', related_operation_id: doneId }),
      ),
    { pointer: '/related_external_id' },
  ],
  [
    'unprocessable_entity',
    'a void with two kinds of references',
    () => operation(event('void', shop.id, { related_external_id: 'none', related_operation_id: doneId })),
    { pointer: '/related_external_id' },
  ],
  [
    'unprocessable_entity',
    'a sale by an own id',
    () => operation(sale({ related_external_id: 'none' })),
    { pointer: '/related_external_id' },
  ],
]

for (const [code, what, call, details, client] of table) {
  test(`${ERRORS[code].status} ${code}: ${what}`, async () => {
    const before = bench.journal().length
    const refusal = await (client?.() ?? shop.till).refused(call())
    expect(refusal).toMatchObject({ code, status: ERRORS[code].status, type: `/errors/${code}`, fiscal_effect: 'none' })
    expect(refusal.retryable).toBe(code === 'precondition_failed')
    expect(refusal.details).toMatchObject(details ?? {})
    expect(bench.journal().length).toBe(before)
  })
}

test('a stale version is reported in the exact words', async () => {
  const { message } = await shop.till.refused(complete([pay('cash', '1.00')], { ifMatch: 2 }))
  expect(message).toBe('Resource version mismatch.')
})

test('a refusal is a problem of RFC 9457 if the client accepts one', async () => {
  const answer = await shop.till.call({ path: '/v1/nothing', headers: { Accept: 'application/problem+json' } })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(JSON.parse(answer.text)).toMatchObject({ type: '/errors/not_found', status: 404 })
})

test('every code is explained at its own address', async () => {
  for (const code of Object.keys(ERRORS)) {
    expect(await bench.office.get(`/errors/${code}`)).toMatchObject({ code, remedy: expect.any(String) })
  }
})

test('the checks run in order: key, JSON, stored answer, schema, existence, version, rules, state', async () => {
  const { till } = shop
  const code = async (call: Call, client = till) => (await client.refused(call)).code
  const nowhere = completion({ id: 'op_x' }, [pay('cash', '9.00')])
  expect(await code({ ...nowhere, body: '{' }, bench.client({}))).toBe('unauthorized')
  expect(await code({ ...nowhere, body: '{' })).toBe('invalid_request')
  expect(await code({ ...nowhere, body: { payments: {} } })).toBe('invalid_request')
  // Only the operation says whether it needs payments.
  expect(await code({ ...nowhere, body: {} })).toBe('not_found')
  expect(await code({ ...nowhere, headers: { 'If-Match': undefined } })).toBe('not_found')
  const done = { ...completion({ id: doneId }, [pay('cash', '9.00')]), headers: {} }
  expect(await code({ ...done, headers: { 'If-Match': undefined } })).toBe('precondition_required')
  expect(await code(done)).toBe('precondition_failed')
  expect(await code({ ...done, ifMatch: 2 })).toBe('payment_total_mismatch')
  const right = completion({ id: doneId }, [pay('cash', '1.00')])
  expect(await code({ ...right, ifMatch: 2 })).toBe('operation_invalid_state')
  const unbalanced = goods('sale', closed.id, [['1.00', '0.07']], { total_amount: '2.00' })
  expect(await code(operation(unbalanced), closed.till)).toBe('amount_mismatch')
})

test('a register that is not fiscalized may not open a session', async () => {
  const { location_id } = await bench.office.get(`/v1/registers/${shop.id}`)
  const { id } = await bench.office.post('/v1/registers', { location_id, name: 'K' })
  const body = event('session_open', String(id), { opening_balance_amount: '0.00' })
  expect((await bench.office.refused(operation(body))).code).toBe('register_not_fiscalized')
})

const VERBS = { get: 'GET', post: 'POST', patch: 'PATCH' } as const

test.each(Object.values(routes).map((route) => [route.operationId, route] as const))(
  'a foreign page and an unknown merchant get the error in the row of the route: %s',
  async (_name, { methods: [verb], path: template, auth }) => {
    const path = template.replace(/\{\w+\}/g, 'none')
    const call = { method: VERBS[verb], path, ...(verb !== 'get' && { body: {} }) }
    const foreign = await bench.office.call({ ...call, headers: { Origin: 'https://evil.example' } })
    expect([foreign.status, foreign.json]).toMatchObject([403, { code: 'origin_not_allowed' }])
    if (auth === 'none') return
    const merchant = { 'X-OpenFiskal-Merchant': 'merchant_none' }
    expect((await bench.office.refused({ ...call, headers: merchant })).code).toBe('not_found')
  },
)

/** Codes of laws and exports that are not served yet, and codes that only a fault of ours can cause. */
const NOT_YET = ['already_closed', 'dsfinvk_refused', 'export_dsfinvk_no_closed_sessions', 'internal_error']

test('no code is without a request that provokes it', () => {
  const here = [
    ...table.map(([code]) => code),
    ...['session_already_counted', 'register_not_fiscalized', 'rate_limit_exceeded', 'fiscal_device_busy'],
    ...['fiscal_device_unavailable', 'reconciling', 'idempotency_key_in_use', 'storage_unavailable'],
    // test/e2e/payments.test.ts
    'payment_method_not_supported',
    ...['idempotency_key_conflict', 'host_not_allowed', 'shutting_down', 'void_after_closing'],
    // test/e2e/business-date.test.ts
    'business_date_implausible',
    // test/e2e/same-merchant.test.ts
    ...['merchant_exists', 'merchant_in_use'],
  ]
  const missing = Object.keys(ERRORS).filter((code) => !here.includes(code) && !NOT_YET.includes(code))
  expect(missing).toEqual([])
})
