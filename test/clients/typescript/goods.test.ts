import { expect, test } from 'vitest'
import { card, cash, goods, line, pay } from '../../../clients/typescript/src/goods.ts'

const BUNS = { sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' }

test('a line has the total of its quantity, price and discounts, and the tax in that total', () => {
  expect(line(BUNS)).toEqual({
    sku_identifier: 'bun',
    title: 'Brötchen',
    quantity: 10,
    unit_price: '0.45',
    total_amount: '4.50',
    taxes: [{ name: '7 %', rate: '0.07', tax_amount: '0.29' }],
  })
  const cake = { ...BUNS, quantity: '1.5', unit_price: '2.00', discounts: [{ amount: '0.50' }] }
  expect(line(cake)).toMatchObject({ total_amount: '2.50', taxes: [{ tax_amount: '0.16' }] })
})

test('a line that goes back has negative sums, rounded as those of the sale', () => {
  expect(line({ ...BUNS, quantity: -10 })).toMatchObject({ total_amount: '-4.50', taxes: [{ tax_amount: '-0.29' }] })
  const half = { ...BUNS, quantity: '0.5', unit_price: '0.01' }
  expect(line(half).total_amount).toBe('0.01')
  expect(line({ ...half, quantity: '-0.5' }).total_amount).toBe('-0.01')
})

test.each([
  ['0.19', '19 %'],
  ['0.055', '5.5 %'],
  ['0', '0 %'],
  ['1.00', '100 %'],
])('a tax at %s is named %s unless the caller names it', (rate, name) => {
  expect(line({ ...BUNS, rate }).taxes[0]?.name).toBe(name)
  const { rate: _, ...plain } = BUNS
  expect(line({ ...plain, taxes: [{ rate, name: 'USt' }] }).taxes[0]?.name).toBe('USt')
})

test('two taxes of one line share its total', () => {
  const { rate: _, ...plain } = { ...BUNS, quantity: 1, unit_price: '12.70' }
  const { taxes } = line({ ...plain, taxes: [{ rate: '0.07' }, { rate: '0.2' }] })
  expect(taxes.map(({ tax_amount }) => tax_amount)).toEqual(['0.70', '2.00'])
})

test('the amounts of a basket add up, with the tip in the total alone', () => {
  const cake = line({ ...BUNS, quantity: 1, unit_price: '2.50' })
  expect(goods([line(BUNS), cake], '1.00')).toMatchObject({
    pretax_amount: '6.55',
    tax_amount: '0.45',
    tip_amount: '1.00',
    total_amount: '8.00',
  })
  expect(goods([])).toMatchObject({ line_items: [], total_amount: '0.00', pretax_amount: '0.00' })
})

test('a payment is captured, in euro, and has an id that no other one has', () => {
  const [paid, change] = [cash('5.00'), cash('-0.50')]
  expect(paid).toMatchObject({ method: 'cash', status: 'captured', currency: 'EUR', amount: '5.00' })
  expect(change.payment_id).not.toBe(paid.payment_id)
  expect(card('4.50', { scheme: 'girocard' })).toMatchObject({ method: 'card', scheme: 'girocard' })
  expect(pay('voucher', '4.50', { status: 'pending' })).toMatchObject({ method: 'voucher', status: 'pending' })
})

test.each([4.5, '4,50', '', '1e2', '0.001', undefined])('money is refused before anything is sent: %j', (amount) => {
  expect(() => cash(amount as string)).toThrow(TypeError)
})

test.each([1e-7, Number.NaN, 'two'])(
  'a quantity that is not decimal text or a usual number is refused: %j',
  (quantity) => {
    expect(() => line({ ...BUNS, quantity })).toThrow(TypeError)
  },
)
