import { voucher } from '../germany/single-purpose.ts'
import { elsewhere, event, goods, pay } from '../goods.ts'
import type { Row } from './requests.ts'
import { claimId, complete, doneId, line, operation, sale, saleId, shop, tax } from './requests.ts'

export const amounts: Row[] = [
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
  [
    'payment_status_invalid',
    'goods on account that are pending',
    () => complete([pay('on_account', '1.00', { status: 'pending' })]),
    { pointer: '/payments/0/status' },
  ],
  [
    'customer_required',
    'goods on account of an unknown customer',
    () => complete([pay('on_account', '1.00')]),
    { pointer: '/customer' },
  ],
  [
    'unprocessable_entity',
    'a claim that is paid without its document',
    () => line({ type: 'receivable', taxes: tax('0', '0.00') }),
    { pointer: '/line_items/0/related_operation_id' },
  ],
  [
    'amount_exceeded',
    'more paid for a claim than is left of it',
    () => operation(goods('sale', shop.id, [['1.01', '0', { type: 'receivable', related_operation_id: claimId }]])),
    { left: '1.00', wanted: '1.01', pointer: '/line_items/0/total_amount' },
  ],
  [
    'unprocessable_entity',
    'an invoice of a payment by card',
    () =>
      complete([pay('card', '1.00', { external_related_operation: { external_operation_id: '1', kind: 'invoice' } })]),
    { pointer: '/payments/0/external_related_operation' },
  ],
  ['gift_card_id_required', 'blank', () => complete([pay('gift_card', '1.00', { gift_card_id: ' ' })])],
  [
    'gift_card_id_required',
    'a voucher of one purpose without its number',
    () => line({ type: 'single_purpose_voucher' }),
    { pointer: '/line_items/0/gift_card_id' },
  ],
  [
    'amount_exceeded',
    'more of a voucher of one purpose than its goods cost',
    () => operation(goods('sale', shop.id, [['1.00', '0.19'], ['1.00', '0.07'], voucher('-1.01', '0.19', 'EZ-0')])),
    { left: '1.00', wanted: '1.01', pointer: '/line_items/2/total_amount' },
  ],
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
