import type { Call, Members } from '../client.ts'
import { amending } from '../client.ts'
import { goods, pay } from '../goods.ts'
import type { Row } from './requests.ts'
import { complete, doneId, operation, sale, saleId, shop } from './requests.ts'

/** An amendment of the open sale. */
function amend(body: Members, more: Partial<Call> = {}): Call {
  return { ...amending({ id: saleId, resource_version: 1 }, body), ...more }
}

const [oneLine] = goods('sale', '', [['1.00', '0.07']])['line_items'] as Members[]

export const amendments: Row[] = [
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
  ...(['pretax_amount', 'tax_amount', 'total_amount'] as const).map(
    (name): Row => [
      'unprocessable_entity',
      `a completion with ${name} and no lines`,
      () => complete([pay('cash', '1.00')], { body: { payments: [pay('cash', '1.00')], [name]: '1.00' } }),
      { pointer: `/${name}` },
    ],
  ),
  [
    'payment_total_mismatch',
    'a completion with a tip that is not paid',
    () => complete([], { body: { payments: [pay('cash', '1.00')], tip_amount: '1.00' } }),
  ],
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
