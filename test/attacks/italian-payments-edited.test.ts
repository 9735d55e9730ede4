// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench } from '../e2e/bench.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { pay } from '../e2e/goods.ts'
import { closed, movement } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Shop } from './italian-insider.ts'
import { editEvents, openShop } from './italian-insider.ts'

// The insider edits what cash was rounded by, and the number of meal vouchers. He signs the journal with the machine's own key.

async function sold({ register }: Shop, amount: string, payments: readonly Members[]): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, [{ title: 'Acqua', amount, rate: '0.10' }]))
  return register.till.complete(open, payments)
}

/** A sale of 12.98 for 13.00 in cash, and its chiusura. */
function roundedUp(use: (shop: Shop, sale: Operation) => Promise<void>): Promise<void> {
  return openShop(async (shop) => {
    const sale = await sold(shop, '12.98', [pay('cash', '13.00'), pay('rounding', '-0.02')])
    await closed(shop.register)
    await use(shop, sale)
  })
}

async function told({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map((finding) => {
    if (!('facts' in finding)) return finding.code
    const { code, facts } = finding
    return [code, ...['what', 'rate', 'stated', 'counted', 'paid'].flatMap((name) => facts[name] ?? [])]
  })
}

test('a rounding that is taken out of the payments leaves a document that comes to more', () =>
  roundedUp(async ({ bench }, { id }) => {
    await editEvents(
      bench,
      ({ op }) => op === id,
      (text) =>
        text.replaceAll('"13.00"', '"12.98"').replaceAll('"cash":1300', '"cash":1298').replaceAll('"-0.02"', '"0.00"'),
    )
    expect(await told(bench)).toContainEqual(['rt_amounts_differ', '13.00', '12.98', '12.98'])
  }))

test('goods that are called a rounding in the intent are not the goods that were sold', () =>
  openShop(async ({ bench, register }) => {
    const lines = [
      { title: 'Pane', amount: '5.00' },
      { title: 'Torta', amount: '3.00' },
    ]
    const { id } = await register.till.complete(await register.till.create(movement('sale', register, lines)), [
      pay('cash', '8.00'),
    ])
    await editEvents(
      bench,
      ({ op }) => op === id,
      (text) => text.replaceAll('"text":"Torta"', '"text":"ARROTONDAMENTO"').replaceAll('"vat":"0.22"', '"vat":"N2"'),
    )
    expect(await told(bench)).toContainEqual(['rt_rates_differ', '22 %', '0.00', '8.00'])
  }))

test('a row of the chiusura for what was rounded up cannot become a rate', () =>
  roundedUp(async ({ bench }) => {
    await editEvents(
      bench,
      ({ op }) => op.startsWith('cls_'),
      (text) => text.replaceAll('"name":"N2"', '"name":"N1"'),
    )
    expect(await told(bench)).toEqual([
      ['rt_rates_differ', 'N2', '0.02', '0.00'],
      ['rt_rates_differ', 'N1', '0.00', '0.02'],
    ])
  }))

test('a number of meal vouchers that was edited in the chiusura differs from the reading before it', () =>
  openShop(async (shop) => {
    const { bench, register } = shop
    await sold(shop, '40.00', [pay('voucher', '40.00', { count: 5 })])
    const { id } = await closed(register)
    let seen = 0
    await editEvents(
      bench,
      ({ op }) => op === id,
      (text) =>
        text.replaceAll('"count":5,"name":"Tickets"', () =>
          seen++ === 0 ? '"count":5,"name":"Tickets"' : '"count":4,"name":"Tickets"',
        ),
    )
    expect(await told(bench)).toEqual([['rt_totals_differ', 'Tickets', '40.00 (5)', '40.00 (4)']])
  }))
