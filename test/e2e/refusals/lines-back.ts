import { expect } from 'vitest'
import type { Members } from '../client.ts'
import { elsewhere, goods } from '../goods.ts'
import type { Row } from './requests.ts'
import { doneId, EMPTIES, INVOICE, LINE_1, line, office, operation, saleId, shop } from './requests.ts'

/** `at`: the line or member that is refused. */
function lineBack(what: string, lines: Parameters<typeof goods>[2], at: string, more: Members = {}): Row {
  return ['unprocessable_entity', what, () => operation(goods('sale', shop.id, lines, more)), { pointer: at }]
}

function backOf(more: Members): Parameters<typeof goods>[2][number] {
  return ['-1.00', '0.07', { quantity: -1, unit_price: '1.00', ...more }]
}

export const linesBack: Row[] = [
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
    'related_operation_invalid',
    'a line of a deposit that names a sale',
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
    { related_operation_id: expect.any(String) },
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
