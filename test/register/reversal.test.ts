import { expect, test } from 'vitest'
import { reversed } from '../../agent/register/reversal.ts'

const sale = {
  ...{ pretax_amount: '7.56', tax_amount: '1.44', tip_amount: '0.00', total_amount: '9.00' },
  line_items: [
    {
      ...{ title: 'Torte', quantity: 2, unit_price: '5.50', total_amount: '10.00' },
      taxes: [{ name: 'USt', rate: '0.19', tax_amount: '1.5966' }],
      discounts: [{ description: 'Vortag', amount: '1.00' }],
    },
  ],
  cart_level_discounts: [{ amount: '1.00' }],
  payments: [
    { payment_id: 'p-1', id: 'pay_1', method: 'cash', status: 'captured', amount: '10.00', currency: 'EUR' },
    { payment_id: 'p-2', id: 'pay_2', method: 'cash', status: 'captured', amount: '-1.00', currency: 'EUR' },
  ],
} as const

test('a void has every amount of its original with the sign turned, and the same quantities', () => {
  expect(reversed(sale)).toEqual({
    ...{ pretax_amount: '-7.56', tax_amount: '-1.44', tip_amount: '0.00', total_amount: '-9.00' },
    line_items: [
      {
        ...{ title: 'Torte', quantity: 2, unit_price: '-5.50', total_amount: '-10.00' },
        taxes: [{ name: 'USt', rate: '0.19', tax_amount: '-1.5966' }],
        discounts: [{ description: 'Vortag', amount: '-1.00' }],
      },
    ],
    cart_level_discounts: [{ amount: '-1.00' }],
    payments: [
      { ...sale.payments[0], amount: '-10.00' },
      { ...sale.payments[1], amount: '1.00' },
    ],
  })
})

test('a double reversal is the original', () => {
  expect(reversed(reversed(sale))).toEqual(sale)
})
