import { expect, test } from 'vitest'
import type { CreateGoods } from '../../agent/contract/goods.ts'
import { createReturn, createSale } from '../../agent/contract/goods.ts'
import { parse } from '../../agent/contract/parse.ts'
import type { Payment } from '../../agent/contract/payment.ts'
import { goodsDocument, paymentDocuments } from '../../agent/register/goods-document.ts'
import type { NewId } from '../../base/ids.ts'
import { goodsExamples, returnOfSale, sale } from '../contract/examples.ts'

function counter(): NewId {
  let last = 0
  return (prefix) => `${prefix}_${++last}`
}

function saleOf(more: object): CreateGoods {
  return parse(createSale, { ...sale, ...more })
}

test('every line, tax and discount gets its own id', () => {
  const [line] = sale['line_items'] as object[]
  const discounted = { ...line, discounts: [{ amount: '1.00' }, { description: 'Treue', amount: '0.50' }] }
  const request = saleOf({ line_items: [discounted, discounted], cart_level_discounts: [{ amount: '2.00' }] })
  const ids = [...JSON.stringify(goodsDocument(request, counter())).matchAll(/"id":"(\w+?)_\d+"/g)].map(([, id]) => id)
  expect(ids.sort()).toEqual(['disc', 'disc', 'disc', 'disc', 'disc', 'li', 'li', 'tax', 'tax'])
})

test('a sale always has cart_level_discounts, a return never', () => {
  expect(goodsDocument(saleOf({}), counter())).toMatchObject({ cart_level_discounts: [] })
  expect(goodsDocument(parse(createReturn, returnOfSale), counter())).not.toHaveProperty('cart_level_discounts')
})

test('amounts and quantities come back in the form they were sent', () => {
  const [line] = sale['line_items'] as object[]
  const line_items = [
    { ...line, quantity: '1.500', unit_price: '31.667', type: 'container_deposit' },
    { ...line, quantity: 0.25 },
  ]
  const document = goodsDocument(saleOf({ line_items, tip_amount: '0' }), counter())
  expect(document.tip_amount).toBe('0')
  expect(document.line_items).toMatchObject([line_items[0] ?? {}, { quantity: 0.25, type: 'item' }])
})

test('an exchange keeps the reference that was sent, and no other member', () => {
  for (const [, request] of goodsExamples) {
    const document = goodsDocument(request as unknown as CreateGoods, counter())
    for (const member of ['related_operation_id', 'external_related_operation'] as const) {
      expect(document[member]).toEqual(request[member])
      expect(member in document).toBe(member in request)
    }
  }
})

test('every payment gets an id in addition to its payment_id', () => {
  const sent: Payment = { payment_id: 'p-1', method: 'cash', status: 'captured', amount: '1.00', currency: 'EUR' }
  expect(paymentDocuments([sent, sent], counter())).toEqual([
    { id: 'pay_1', ...sent },
    { id: 'pay_2', ...sent },
  ])
})
