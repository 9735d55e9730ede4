import { elsewhere, goods, order } from '../goods.ts'
import type { Row } from './requests.ts'
import {
  doneId,
  LINE,
  moved,
  NAMED,
  office,
  operation,
  ordered,
  orderedLine,
  STAFF,
  shop,
  tax,
  transfer,
} from './requests.ts'

export const orders: Row[] = [
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
