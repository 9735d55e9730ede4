// @module-tag heavy
import { expect, test } from 'vitest'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
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
