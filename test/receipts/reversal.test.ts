import { expect, test } from 'vitest'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import type { Members } from '../../agent/journal/events.ts'
import type { Reversible } from '../../agent/register/reversal.ts'
import { reversed } from '../../agent/register/reversal.ts'
import { formatCents, toCents } from '../../base/money.ts'
import { Random } from '../laws/germany/dsfinvk/random.ts'
import { capture, randomGoods } from '../laws/germany/dsfinvk/random-goods.ts'
import { heavy } from '../tags.ts'
import { vienneseShop } from './laws.ts'
import { completed, line, modelOf, pay, shop } from './shop.ts'

/** A document around random goods; the payments match them. */
const { cart_level_discounts: _, ...frame }: Members = completed(
  'sale',
  { total_amount: '1.00', line_items: [line('Brot', '1.00', '0.07')] },
  [pay('cash', '1.00')],
)

type Amounts = Pick<ReceiptModel, 'lines' | 'offsets' | 'total' | 'payable' | 'taxes' | 'payments'>

/** The document of a void, as the till books it. */
function reversalOf(original: Members): Members {
  const related = { type: 'void', related_operation_id: String(original['id']) }
  return { ...original, ...reversed(original as unknown as Reversible), ...related }
}

function amountsOf({ lines, offsets, total, payable, taxes, payments }: ReceiptModel): Amounts {
  return { lines, offsets, total, payable, taxes, payments }
}

function turned(amount: string): string {
  return formatCents(-toCents(amount))
}

function quantityTurned(quantity: string): string {
  return quantity.startsWith('-') ? quantity.slice(1) : `-${quantity}`
}

function turnedLine(sold: ReceiptModel['lines'][number]): ReceiptModel['lines'][number] {
  const { value, quantity } = sold
  return { ...sold, value: turned(value), ...(quantity !== undefined && { quantity: quantityTurned(quantity) }) }
}

function turnedAmounts({ lines, offsets, total, payable, taxes, payments }: Amounts): Amounts {
  return {
    lines: lines.map(turnedLine),
    offsets: offsets.map(turnedLine),
    total: { ...total, value: turned(total.value) },
    payable: { ...payable, value: turned(payable.value) },
    taxes: taxes.map((tax) => ({ ...tax, net: turned(tax.net), tax: turned(tax.tax), gross: turned(tax.gross) })),
    payments: payments.map((paid) => ({ ...paid, value: turned(paid.value) })),
  }
}

function told({ lines }: ReceiptModel) {
  return lines.map(({ label, quantity, unit_price: price, value }) =>
    price === undefined ? `${label} ${value}` : `${label} ${quantity} x ${price} = ${value}`,
  )
}

test('a void takes back the price before the discount of a line, and the discount', () => {
  const discounts = [{ amount: '2.00' }]
  const wine = { unit_price: '10.00', discounts }
  const sold = { total_amount: '8.00', line_items: [line('Wein', '8.00', '0.19', wine)] }
  const sale = completed('sale', sold, [pay('cash', '8.00')])
  expect(told(modelOf(reversalOf(sale)))).toEqual(['Wein -1 x 10.00 = -10.00', 'Rabatt 2.00'])
  const back = {
    total_amount: '-8.00',
    related_operation_id: 'op_1',
    line_items: [line('Wein', '-8.00', '0.19', wine)],
  }
  const given = completed('return', back, [pay('cash', '-8.00')])
  expect(told(modelOf(given))).toEqual(['Wein -1 x 10.00 = -10.00', 'Rabatt 2.00'])
  expect(told(modelOf(reversalOf(given)))).toEqual(['Wein 1 x 10.00 = 10.00', 'Rabatt -2.00'])
})

test('a void takes back each discount of the cart, in the same shares', () => {
  const sold = {
    total_amount: '45.00',
    cart_level_discounts: [{ amount: '3.00', description: 'Coupon' }, { amount: '2.00' }],
    line_items: [line('Torte', '27.00', '0.07'), line('Sekt', '18.00', '0.19')],
  }
  const sale = completed('sale', sold, [pay('cash', '45.00')])
  expect(told(modelOf(reversalOf(sale)))).toEqual([
    'Torte -1 x 30.00 = -30.00',
    'Sekt -1 x 20.00 = -20.00',
    'Rabatt Coupon 1.80',
    'Rabatt Coupon 1.20',
    'Rabatt 1.20',
    'Rabatt 0.80',
  ])
})

test('a void takes back the cash paid and the change, and confuses neither', () => {
  const sold = { total_amount: '4.50', line_items: [line('Brot', '4.50', '0.07')] }
  const sale = completed('sale', sold, [pay('cash', '20.00'), pay('cash', '-15.50')])
  const paid = modelOf(reversalOf(sale)).payments.map(({ label, value, change }) => [label, value, change])
  expect(paid).toEqual([
    ['Bar', '-20.00', false],
    ['Rückgeld', '15.50', true],
  ])
})

test('a sale, return, exchange or deposit: its void has the same receipt with every sign turned', heavy(), () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed)
    const deposit = randomGoods(random, 'op_1', 'deposit')
    const movements = ['sale', 'return', 'exchange'].map((type) => randomGoods(random, 'op_1', type))
    for (const goods of [...movements, deposit, capture(random, 'op_2', [deposit])]) {
      const original = { ...frame, ...goods }
      for (const documents of [shop, vienneseShop]) {
        const given = amountsOf(modelOf(original, 'de', false, documents))
        const voided = amountsOf(modelOf(reversalOf(original), 'de', false, documents))
        expect(voided, `seed ${seed}, ${goods.type}`).toEqual(turnedAmounts(given))
      }
    }
  }
})
