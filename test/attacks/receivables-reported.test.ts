// @module-tag heavy
import { expect, test } from 'vitest'
import { event, pay } from '../e2e/goods.ts'
import { movement, sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { openShop, reportOf } from './italian-insider.ts'

// The owner sells without a documento commerciale: the till calls the goods an invoice that is paid. The printer prints a
// slip, which no memory has.

const INVOICE = { description: 'Fattura', external_operation_id: 'RE-4711', kind: 'invoice' }

test('the report names sales without a document, and none of their sums is a corrispettivo', () =>
  openShop(async (shop) => {
    const { register } = shop
    const { till } = register
    const claim = (amount: string) => ({
      ...{ title: 'INCASSO', amount, rate: '0' },
      more: { type: 'receivable', external_related_operation: INVOICE },
    })
    const collected = async (amount: string) =>
      till.complete(await till.create(movement('sale', register, [claim(amount)])), [pay('cash', amount)])
    await sell(register, '4.50')
    await collected('900.00')
    const wrong = await collected('30.00')
    await till.create(event('void', register.id, { related_operation_id: wrong.id }))
    await endShift(register)
    const { code, report } = await reportOf(shop)
    expect(code, report).toBe(0)
    // The void is an act, too.
    expect(report).toMatch(/^Corrispettivi 4,50 EUR, senza corrispettivo 30,00 EUR\./m)
    expect(report).toMatch(/: 1 vendita, incassi 4,50 EUR, di cui contanti 4,50 EUR$/m)
    expect(report).toMatch(/: 3 operazioni senza documento commerciale, 900,00 EUR; importi maggiori: /)
    expect(report).toContain(
      '- Vendite senza documento commerciale: 3 operazioni, 900,00 EUR, solo in questo registro e nelle fatture.\n',
    )
  }))

test('a shop without such a sale has the line too', () =>
  openShop(async (shop) => {
    await sell(shop.register, '4.50')
    await endShift(shop.register)
    expect((await reportOf(shop)).report).toContain('- Vendite senza documento commerciale: 0 operazioni, 0,00 EUR.\n')
  }))
