// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

/** As each printer gets five tickets of 8.00, and one of 5.00 without a number. */
const SENT: Readonly<Record<Trade['family'], readonly [five: string, one: string]>> = {
  rch: ['=T5/$4000/&5', '=T5/$500'],
  custom: ['3007050500000004000', '3007050100000000500'],
  epson: ['payment="8,00" paymentType="4" index="5"', 'payment="5,00" paymentType="3" index="1"'],
}

function openSale({ till, id }: Trade['register'], amount: string, more: Members = {}) {
  return till.create(movement('sale', { id }, [{ title: 'PRANZO', amount, rate: '0.10' }], more))
}

async function ticketsIn({ register }: Trade): Promise<unknown> {
  const { payments } = (await closed(register))['totals'] as { payments: Members[] }
  return payments.find(({ name }) => name === 'Tickets')
}

describe.each(FAMILIES)('%s: meal vouchers by number', (family) => {
  test('are on paper with their number before the cash, and counted in the closing', () =>
    atPrinter(family, async (trade) => {
      const { register, sent, documents } = trade
      const [five, one] = SENT[family]
      await register.till.complete(await openSale(register, '52.50'), [
        ...[pay('cash', '10.00'), pay('cash', '-2.50')],
        ...[pay('voucher', '40.00', { count: 5 }), pay('voucher', '5.00')],
      ])
      const parts = (sent()[0] ?? []).filter((part) => /^=T|^3007|printRecTotal/.test(part))
      expect(parts).toEqual([five, one, ''].map((part) => expect.stringContaining(part)))
      expect(documents()[0]?.totalCents).toBe(5250)
      const wrong = await register.till.complete(await openSale(register, '16.00'), [
        pay('voucher', '16.00', { count: 2 }),
      ])
      await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
      expect(await ticketsIn(trade)).toEqual({ name: 'Tickets', amount: '45.00', count: 6 })
      expect(await trade.findings()).toEqual([])
    }))

  test('give no change, with a number or without', () =>
    atPrinter(family, async ({ register, documents }) => {
      const open = await openSale(register, '12.00')
      for (const more of [{ count: 2 }, {}])
        expect(
          await register.till.refused(completion(open, [pay('voucher', '16.00', more), pay('cash', '-4.00')])),
        ).toMatchObject({
          ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none', details: { pointer: '/payments' } },
        })
      expect(documents()).toEqual([])
      await register.till.complete(open, [pay('voucher', '12.00', { count: 2 })])
    }))
})

test('a number that makes no whole tickets is refused, in training too, before a byte is sent', () =>
  atPrinter('rch', async (trade) => {
    const { register, documents, bench } = trade
    const open = await openSale(register, '20.50')
    const training = await openSale(register, '20.50', { training: true })
    const head = bench.head()
    const wrong = { status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' }
    for (const count of [0, -1, 100, 3])
      for (const operation of [open, training])
        expect(await register.till.refused(completion(operation, [pay('voucher', '20.50', { count })]))).toMatchObject({
          ...wrong,
          details: { pointer: '/payments/0/count' },
        })
    for (const payment of [
      pay('cash', '20.50', { count: 1 }),
      pay('voucher', '20.50', { count: 2, tender: 'buono_celiachia' }),
    ])
      expect(await register.till.refused(completion(open, [payment]))).toMatchObject({
        ...{ ...wrong, details: { pointer: '/payments/0/count' } },
      })
    expect(await register.till.refused(completion(open, [pay('voucher', '20.50', { count: 1.5 })]))).toMatchObject({
      ...{ status: 400, code: 'invalid_request', fiscal_effect: 'none' },
    })
    expect(bench.requestedSince(head)).toEqual([])
    expect(documents()).toEqual([])
    // What they pay may be less than they are worth.
    await register.till.complete(open, [pay('voucher', '20.50', { count: 2 })])
    expect(trade.sent()[0]).toContain('=T5/$2050/&2')
  }))

test('a return pays no tickets by number', () =>
  atPrinter('rch', async ({ register }) => {
    const sold = await register.till.complete(await openSale(register, '16.00'), [
      pay('voucher', '16.00', { count: 2 }),
    ])
    const line = { title: 'PRANZO', amount: '-8.00', rate: '0.10' }
    const body = movement('return', register, [line], { related_operation_id: sold.id })
    const back = await register.till.create(body)
    expect(await register.till.refused(completion(back, [pay('voucher', '-8.00', { count: 1 })]))).toMatchObject({
      code: 'unprocessable_entity',
      details: { pointer: '/payments/0/count' },
    })
    await register.till.complete(back, [pay('voucher', '-8.00')])
  }))

test('a number on another method goes with the class that the shop configures for it', () =>
  atPrinter(
    'rch',
    async (trade) => {
      await trade.register.till.complete(await openSale(trade.register, '16.00'), [
        pay('store_credit', '16.00', { count: 2 }),
      ])
      expect(trade.sent()[0]).toContain('=T5/$1600/&2')
    },
    { rt: { tenders: { store_credit: 5 } } },
  ))
