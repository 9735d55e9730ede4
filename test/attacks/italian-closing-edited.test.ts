// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench } from '../e2e/bench.ts'
import { pay } from '../e2e/goods.ts'
import { closed, movement, sell, traded } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Shop } from './italian-insider.ts'
import { editEvents, openShop, reportOf } from './italian-insider.ts'

// The insider leaves every documento unchanged and edits the totals of the day in the chiusura, from which the
// accountant books. Hashes and signatures of his journal are right.

/** A day of 24.40 in cash and 10.00 by card, 4.40 of it brought back, and its chiusura. */
function closedDay(use: (shop: Shop) => Promise<void>): Promise<void> {
  const day = async (shop: Shop): Promise<void> => {
    const { register } = shop
    const { id, till } = register
    await sell(register, '24.40')
    const sold = await till.create(movement('sale', register, [{ title: 'Tazza', amount: '10.00' }]))
    await till.complete(sold, [pay('card', '10.00')])
    const back = movement('return', register, [{ title: 'Tazza', amount: '-4.40' }], { related_operation_id: sold.id })
    await till.complete(await till.create(back), [pay('cash', '-4.40')])
    await till.post(`/v1/registers/${id}/closings`, {})
    await use(shop)
  }
  return openShop(day, { float: '50.00' })
}

/** Changes the text of each event of the closing. */
function edited(bench: Bench, change: (text: string) => string): Promise<void> {
  return editEvents(bench, ({ op }) => op.startsWith('cls_'), change)
}

function lessSold(text: string): string {
  return text.replaceAll('{"amount":"34.40","name":"Vendite"}', '{"amount":"14.40","name":"Vendite"}')
}

async function told({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map((finding) => ('facts' in finding ? [finding.code, finding.facts] : finding))
}

function differs(what: string, told: string, counted: string) {
  return ['rt_totals_differ', { serial: '72IV6000001', z: '0142', what, stated: told, counted }]
}

test('an honest day has no finding', () => closedDay(async ({ bench }) => expect(await told(bench)).toEqual([])))

test("sums that were lowered only in the chiusura differ from the printer's earlier report", () =>
  closedDay(async ({ bench, printer }) => {
    await edited(bench, lessSold)
    expect(await told(bench)).toEqual([differs('vendite', '34.40', '14.40')])
    const { code, report } = await reportOf({ bench, printer })
    expect(code).toBe(1)
    expect(report).toContain(
      'Stampante 72IV6000001, chiusura 0142: la stampante indica 34,40 EUR (vendite), dalle registrazioni risulta 14,40 EUR. (rt_totals_differ)',
    )
  }))

test('VAT and payments that were lowered in every event of the closing differ from the totals of the documents', () =>
  closedDay(async ({ bench }) => {
    // 34.40 less 4.40.
    await edited(bench, (text) =>
      text
        .replaceAll('"amount":"30.00","name":"IVA 22 %"', '"amount":"10.00","name":"IVA 22 %"')
        .replaceAll('{"amount":"20.00","name":"Contanti"}', '{"amount":"5.00","name":"Contanti"}'),
    )
    expect(await told(bench)).toEqual([differs('IVA', '10.00', '30.00'), differs('pagamenti', '15.00', '30.00')])
  }))

test('a sum of the printer that was lowered together with the chiusura differs from the totals of the documents', () =>
  closedDay(async ({ bench }) => {
    await edited(bench, (text) => lessSold(text.replaceAll('"sales":3440', '"sales":1440')))
    expect(await told(bench)).toEqual([differs('vendite', '14.40', '34.40')])
  }))

const GIFT = { title: 'Biscotti', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00' } }

/** A day with a cup of 5.00 and biscuits of 3.00 on the house. */
function giftDay(use: (shop: Shop) => Promise<void>): Promise<void> {
  const day = async (shop: Shop): Promise<void> => {
    await traded(shop.register, 'sale', [{ title: 'Tazza', amount: '5.00' }, GIFT])
    await closed(shop.register)
    await use(shop)
  }
  return openShop(day, { float: '50.00' })
}

function lessGiven(text: string): string {
  return text.replaceAll('{"amount":"3.00","name":"Omaggi"}', '{"amount":"1.00","name":"Omaggi"}')
}

test('gifts that were lowered in the chiusura alone differ from the reading before it', () =>
  giftDay(async ({ bench }) => {
    expect(await told(bench)).toEqual([])
    await edited(bench, lessGiven)
    expect(await told(bench)).toEqual([differs('omaggi', '3.00', '1.00')])
  }))

test('gifts that were lowered in every event of the closing differ from the documents', () =>
  giftDay(async ({ bench }) => {
    await edited(bench, (text) => lessGiven(text.replaceAll('"deducted":{"gift":300}', '"deducted":{"gift":100}')))
    expect(await told(bench)).toEqual([differs('omaggi', '1.00', '3.00')])
  }))

test('VAT without a gift differs from the documents: the file of the printer has it', () =>
  giftDay(async ({ bench }) => {
    await edited(bench, (text) =>
      text.replaceAll('"amount":"8.00","name":"IVA 22 %"', '"amount":"5.00","name":"IVA 22 %"'),
    )
    expect(await told(bench)).toEqual([differs('IVA', '5.00', '8.00')])
  }))
