// @module-tag heavy
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { goods, pay, sell } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import {
  asidesOf,
  bonsOf,
  close,
  keyed,
  lastReceiptOf,
  lostNumbers,
  numberOf,
  packageOf,
  restored,
  shopSale,
} from './restored-shop.ts'

test('the number of a basket that the backup has open and that was paid later is set aside', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const basket = await register.till.create(goods('sale', register.id, [['9.00', '0.07']]))
  const { shop, folder, state, ...moved } = await restored(bench, register, {
    lose: async (till) => {
      await sell(till, '2.00')
      expect(numberOf(await till.till.complete(basket, [pay('cash', '9.00')]))).toBe(3)
      await sell(till, '3.00')
    },
  })
  await using _ = shop
  const aside = { register_id: register.id }
  expect(asidesOf(shop)).toEqual([
    { ...aside, kind: 'z', from: 1, to: 1000, why: 'restore' },
    { ...aside, kind: 'bon', from: 3, to: 3, why: 'lost_end' },
    { ...aside, kind: 'bon', from: 5, to: 1001, why: 'restore' },
  ])
  expect(lostNumbers(shop)).toEqual([2, 4])
  // The TSE has its end: without a signature, and with another number.
  await moved.register.till.complete(basket, [pay('cash', '9.00')])
  expect(lastReceiptOf(shop)).toBe(1002)
  expect(numberOf(await shopSale(moved.register))).toBe(1003)
  await close(moved.register, '69.00')
  const bons = bonsOf(await packageOf(shop, folder))
  expect(bons.map(({ bon }) => bon)).toEqual([1, 2, 4, 1002, 1003, 1004])
  expect(bons[2]?.note).toContain('Nummer 3 nach Wiederherstellung nicht vergeben')
  await shop.restart()
  expect(asidesOf(shop)).toHaveLength(3)
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

test('a basket of the backup that was paid later keeps its number also if nothing else was lost', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const baskets = [
    await register.till.create(goods('sale', register.id, [['9.00', '0.07']])),
    await register.till.create(goods('sale', register.id, [['8.00', '0.07']])),
  ]
  const { shop, ...moved } = await restored(bench, register, {
    lose: (till) => till.till.complete(baskets[1] as { id: string }, [pay('cash', '8.00')]),
  })
  await using _ = shop
  expect(asidesOf(shop)).toMatchObject([
    { kind: 'z' },
    { kind: 'bon', from: 2, to: 2, why: 'lost_end' },
    { kind: 'bon', from: 3, to: 1001, why: 'restore' },
  ])
  const next = await moved.register.till.complete(baskets[0] as { id: string }, [pay('cash', '9.00')])
  expect([next.fiscal.state, numberOf(next)]).toEqual(['succeeded', 1002])
})

test('a last number on paper below what the TSE signed does not move the numbers of its receipts', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { shop, ...moved } = await restored(bench, register, {
    lose: async (till) => {
      for (const amount of ['2.00', '3.00', '4.00']) await sell(till, amount)
    },
    options: (id) => ({ lastNumbers: { receipts: { [id]: 3 }, closings: {} } }),
  })
  await using _ = shop
  expect(lostNumbers(shop)).toEqual([2, 3, 4])
  expect(asidesOf(shop)).toEqual([])
  expect(numberOf(await shopSale(moved.register))).toBe(5)
})

test('a TSE ahead of a disk that was rolled back: the number of a basket that was paid since is set aside, too', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const basket = await register.till.create(goods('sale', register.id, [['9.00', '0.07']]))
  const journal = join(bench.config.state, 'journal.db')
  const copy = join(bench.config.state, 'journal.copy')
  await bench.restart(() => cp(journal, copy))
  await sell(keyed(bench, register), '2.00')
  await keyed(bench, register).till.complete(basket, [pay('cash', '9.00')])
  await bench.restart(() => cp(copy, journal))
  await bench.untilDevice('foreign')
  expect(asidesOf(bench)).toMatchObject([{ kind: 'bon', from: 2, to: 1001, why: 'rollback' }, { kind: 'z' }])
  await shopSale(keyed(bench, register))
  expect(lastReceiptOf(bench)).toBe(1002)
})
