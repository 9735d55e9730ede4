// @module-tag heavy
import { expect, test } from 'vitest'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { inEmergency } from './emergency-shop.ts'
import { movement } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

const LOTTERY = { customer: { lottery_code: 'ABCD1234' } }

async function sold({ register }: Trade, amount: string, payments: readonly Members[], more: Members = LOTTERY) {
  const open = await register.till.create(movement('sale', register, [{ title: 'LIBRO', amount }], more))
  return register.till.complete(open, payments)
}

function reasonsOf({ hints = [] }: Pick<Operation, 'hints'>): unknown[] {
  return (hints as Members[]).map(({ code, reason }) => (reason === undefined ? code : `${code} ${reason}`))
}

test.each(FAMILIES)('%s: a lottery code that will not count is printed, and the answer says why', (family) =>
  atPrinter(family, async (trade) => {
    const reasons = async (amount: string, payments: readonly Members[], more?: Members) =>
      reasonsOf(await sold(trade, amount, payments, more))
    expect(await reasons('12.00', [pay('card', '12.00')])).toEqual([])
    const discount = pay('other', '2.00', { tender: 'sconto_a_pagare' })
    expect(await reasons('12.00', [pay('card', '10.00'), discount])).toEqual([])
    expect(await reasons('12.00', [pay('card', '10.00'), pay('cash', '2.00')])).toEqual([
      'lottery_not_counted not_electronic',
    ])
    expect(await reasons('0.99', [pay('cash', '0.99')])).toEqual(['lottery_not_counted below_one_euro'])
    expect(await reasons('1.00', [pay('card', '1.00')])).toEqual([])
    expect(await reasons('12.00', [pay('cash', '12.00')], {})).toEqual([])
    expect(trade.documents().filter(({ lines }) => lines.some((line) => line.includes('ABCD1234')))).toHaveLength(5)
    expect(await trade.findings()).toEqual([])
  }),
)

test('the hint is part of the stored answer, and not of a dry run', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('sale', register, [{ title: 'LIBRO', amount: '12.00' }], LOTTERY))
    const call = { ...completion(open, [pay('cash', '12.00')]), key: 'once' }
    const dry = await register.till.call({ ...call, headers: { Prefer: 'dry-run' } })
    expect(dry.json['hints']).toBeUndefined()
    const first = await register.till.call(call)
    expect(first.json['hints']).toEqual([
      {
        code: 'lottery_not_counted',
        reason: 'not_electronic',
        message: expect.stringMatching(/lottery code does not count/),
      },
    ])
    expect((await register.till.call(call)).json).toEqual(first.json)
    expect(reasonsOf(await register.till.read(open.id))).toEqual(['lottery_not_counted not_electronic'])
  }))

test('a service that is not collected is due for a document when it is paid', () =>
  atPrinter('rch', async (trade) => {
    const unpaid = pay('other', '12.00', { tender: 'non_riscosso_servizi' })
    expect(reasonsOf(await sold(trade, '12.00', [unpaid], {}))).toEqual(['service_due_at_payment'])
    const goods = pay('other', '12.00', { tender: 'non_riscosso_beni' })
    expect(reasonsOf(await sold(trade, '12.00', [goods], {}))).toEqual([])
  }))

test('more than eight meal vouchers in one document, of all values together, are a hint', () =>
  atPrinter('rch', async (trade) => {
    const tickets = (...counts: (number | undefined)[]) =>
      counts.map((count) => pay('voucher', '7.20', count === undefined ? {} : { count }))
    const hint = { code: 'meal_vouchers_above_eight', message: expect.stringMatching(/^9 meal vouchers/) }
    const mixed = await sold(trade, '21.60', tickets(4, 4, undefined), {})
    expect(mixed.hints).toEqual([hint])
    expect((await sold(trade, '28.80', tickets(8, undefined, undefined, undefined), {})).hints).toMatchObject([
      { message: expect.stringMatching(/^11 /) },
    ])
    for (const counts of [[8], [4, 3, undefined]])
      expect((await sold(trade, (7.2 * counts.length).toFixed(2), tickets(...counts), {})).hints).toBeUndefined()
    const training = await sold(trade, '7.20', tickets(9), { training: true })
    expect(training.hints).toBeUndefined()
  }))

test('cash of 5,000.00 is a hint, without the change, on a return and of an invoice too', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const codes = async (amount: string, payments: readonly Members[]) =>
      reasonsOf(await sold(trade, amount, payments, {}))
    expect(await codes('5000.00', [pay('cash', '5000.00')])).toEqual(['cash_at_limit'])
    expect(await codes('4999.99', [pay('cash', '5020.00'), pay('cash', '-20.01')])).toEqual([])
    expect(await codes('9000.00', [pay('card', '4000.01'), pay('cash', '4999.99')])).toEqual([])
    const ring = await sold(trade, '6150.00', [pay('cash', '6150.00')], {})
    const invoice = {
      ...{ title: 'Fattura 91', amount: '5400.00', code: 'not_taxable' },
      more: {
        type: 'receivable',
        external_related_operation: { kind: 'invoice', external_operation_id: '91' },
      },
    }
    const paid = await register.till.create(movement('sale', register, [invoice]))
    expect(reasonsOf(await register.till.complete(paid, [pay('cash', '5400.00')]))).toEqual(['cash_at_limit'])
    const lines = [{ title: 'LIBRO', amount: '-6150.00' }]
    const back = movement('return', register, lines, { related_operation_id: ring.id })
    const done = await register.till.complete(await register.till.create(back), [pay('cash', '-6150.00')])
    expect(done.hints).toEqual([
      { code: 'cash_at_limit', message: expect.stringMatching(/^6150\.00 in cash reach the limit of 5000\.00 /) },
    ])
    // Two documents of an exchange pass the same cash: only what the customer pays counts.
    const exchange = [
      { title: 'LIBRO', amount: '-5000.00' },
      { title: 'ANELLO', amount: '5600.00' },
    ]
    const [first] = (await register.till.list('/v1/operations?type=sale&order=asc&limit=1')) as readonly Operation[]
    const other = movement('exchange', register, exchange, { related_operation_id: first?.id })
    expect(reasonsOf(await register.till.complete(await register.till.create(other), [pay('cash', '600.00')]))).toEqual(
      [],
    )
  }))

test('what is entered in the emergency register has them, too', () =>
  inEmergency(async ({ register }) => {
    const sell = async (amount: string, payments: readonly Members[]) => {
      const open = await register.till.create(movement('sale', register, [{ title: 'LIBRO', amount }]))
      return reasonsOf(await register.till.complete(open, payments))
    }
    expect(await sell('72.00', [pay('voucher', '72.00', { count: 10 })])).toEqual(['meal_vouchers_above_eight'])
    expect(await sell('7300.00', [pay('cash', '7300.00')])).toEqual(['cash_at_limit'])
    expect(await sell('1.00', [pay('cash', '1.00')])).toEqual([])
  }))
