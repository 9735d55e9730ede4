import { expect, test } from 'vitest'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { completed, line, modelOf, pay } from './shop.ts'

function coupon(amount: string, description?: string) {
  return { amount, ...(description !== undefined && { description }) }
}

function priced(model: ReceiptModel) {
  return model.lines.map(({ label, value, tax_key }) => `${label} ${value} ${tax_key}`)
}

test('a discount of the cart that the unit prices include is taken off in the stated place', () => {
  const sold = {
    total_amount: '45.00',
    cart_level_discounts: [coupon('5.00', 'Coupon')],
    line_items: [
      line('Torte', '27.00', '0.07', { unit_price: '30.00' }),
      line('Sekt', '18.00', '0.19', { quantity: 2, unit_price: '10.00' }),
    ],
  }
  expect(priced(modelOf(completed('sale', sold, [pay('cash', '45.00')])))).toEqual([
    'Torte 30.00 B',
    'Sekt 20.00 A',
    'Rabatt Coupon -3.00 B',
    'Rabatt Coupon -2.00 A',
  ])
})

test('another discount of the cart is shared in proportion, to the cent, and not by gift cards', () => {
  const sold = {
    total_amount: '70.00',
    cart_level_discounts: [coupon('0.50'), coupon('0.51', 'Treue')],
    line_items: [
      line('Brot', '10.00', '0.07'),
      line('Kaffee', '10.00', '0.19'),
      line('Gutschein', '50.00', '0', { type: 'gift_card' }),
    ],
  }
  expect(priced(modelOf(completed('sale', sold, [pay('cash', '70.00')])))).toEqual([
    'Brot 10.51 B',
    'Kaffee 10.50 A',
    'Gutschein 50.00 E',
    'Rabatt -0.25 B',
    'Rabatt -0.25 A',
    'Rabatt Treue -0.26 B',
    'Rabatt Treue -0.25 A',
  ])
})

test('Pfand keeps its price next to a discount of the cart', () => {
  const sold = {
    total_amount: '2.23',
    cart_level_discounts: [coupon('0.17', 'Treue')],
    line_items: [line('Bier', '1.98', '0.19'), line('Pfand', '0.25', '0.19', { type: 'container_deposit' })],
  }
  expect(priced(modelOf(completed('sale', sold, [pay('cash', '2.23')])))).toEqual([
    'Bier 2.15 A',
    'Pfand 0.25 A',
    'Rabatt Treue -0.17 A',
  ])
})

test('a unit price after its discounts is shown before them, as the amount next to it is', () => {
  const counted = (model: ReceiptModel) =>
    model.lines.map(({ quantity = '', unit_price = '', value }) => `${quantity} x ${unit_price} = ${value}`)
  const sold = {
    total_amount: '50.00',
    cart_level_discounts: [coupon('5.00')],
    line_items: [
      line('Torte', '30.00', '0.07', { unit_price: '30.00' }),
      line('Sekt', '20.00', '0.19', { quantity: 3, unit_price: '6.667' }),
    ],
  }
  const [cake, wine] = counted(modelOf(completed('sale', sold, [pay('cash', '50.00')])))
  expect([cake, wine]).toEqual(['1 x 33.00 = 33.00', '3 x 7.33333 = 22.00'])
  const discounts = [{ amount: '0.30' }]
  const reduced = (unitPrice: string) => {
    const line_items = [line('Brot', '-4.20', '0.07', { discounts, unit_price: unitPrice })]
    const back = { total_amount: '-4.20', related_operation_id: 'op_1', line_items }
    return counted(modelOf(completed('return', back, [pay('cash', '-4.20')])))[0]
  }
  expect([reduced('4.50'), reduced('4.20'), reduced('-4.20')]).toEqual([
    '-1 x 4.50 = -4.50',
    '-1 x 4.50 = -4.50',
    '-1 x 4.50 = -4.50',
  ])
  // The till's own rounding is not a discount.
  const weighed = line('Käse', '3.32', '0.07', { quantity: '0.333', unit_price: '9.99' })
  expect(
    counted(modelOf(completed('sale', { total_amount: '3.32', line_items: [weighed] }, [pay('cash', '3.32')]))),
  ).toEqual(['0.333 x 9.99 = 3.32'])
})

test('a discount that takes off everything still shows its amount', () => {
  const sold = {
    total_amount: '0.00',
    cart_level_discounts: [coupon('3.00')],
    line_items: [line('Brot', '0.00', '0.07')],
  }
  expect(priced(modelOf(completed('sale', sold, [pay('cash', '0.00')])))).toEqual(['Brot 3.00 B', 'Rabatt -3.00 B'])
})

test('a discount lowers a line, also when the line is returned', () => {
  const discounts = [{ description: 'Vortag', amount: '0.50' }]
  const sold = { total_amount: '4.00', line_items: [line('Brot', '4.00', '0.07', { discounts })] }
  expect(priced(modelOf(completed('sale', sold, [pay('cash', '4.00')])))).toEqual([
    'Brot 4.50 B',
    'Rabatt Vortag -0.50 B',
  ])
  const back = {
    total_amount: '-4.00',
    related_operation_id: 'op_1',
    line_items: [line('Brot', '-4.00', '0.07', { discounts })],
  }
  expect(priced(modelOf(completed('return', back, [pay('cash', '-4.00')])))).toEqual([
    'Brot -4.50 B',
    'Rabatt Vortag 0.50 B',
  ])
})

test('a description that begins with the word for a discount is printed without a second one', () => {
  const labelOf = (description: string): string | undefined => {
    const discounts = [{ description, amount: '0.50' }]
    const sold = { total_amount: '4.00', line_items: [line('Brot', '4.00', '0.07', { discounts })] }
    return priced(modelOf(completed('sale', sold, [pay('cash', '4.00')])))[1]
  }
  expect(labelOf('Rabatt')).toBe('Rabatt -0.50 B')
  expect(labelOf('RABATT 10 %')).toBe('RABATT 10 % -0.50 B')
  expect(labelOf('Vortag')).toBe('Rabatt Vortag -0.50 B')
})
