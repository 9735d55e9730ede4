// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import { italianTill, movement, sell } from './shop.ts'

type Lines = Parameters<typeof movement>[2]
type Use = (register: Register, printed: () => readonly PrintedRecord[]) => Promise<void>

async function atPrinter(family: FamilyName, use: Use): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use(await italianTill(bench, '0.00'), () => printer.documents)
}

/** A cup of 20.00 was sold in cash and is to be exchanged. */
async function exchangeFor(register: Register, given: Lines): Promise<Operation> {
  const sold = await sell(register, '20.00')
  const lines = [{ title: 'Tazza', amount: '-20.00' }, ...given]
  return register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
}

async function refuse(register: Register, open: Operation, payments: readonly Members[]): Promise<void> {
  expect(await register.till.refused(completion(open, payments))).toMatchObject({
    ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
    details: { device_id: 'rt-1', device_code: 'refused' },
  })
}

describe.each<[FamilyName, string]>([
  ['rch', '1000000.00'],
  ['custom', '10000000.00'],
  ['epson', '10000000.00'],
])('%s: an exchange is planned whole before its first byte', (family, price) => {
  const net = (Number(price) - 20).toFixed(2)

  test('a line over the limit of the printer is refused with nothing printed, and the operation can be cancelled', () =>
    atPrinter(family, async (register, printed) => {
      const open = await exchangeFor(register, [{ title: 'Anello', amount: price }])
      await refuse(register, open, [pay('card', net)])
      expect(printed().map(({ kind }) => kind)).toEqual(['sale'])
      await register.till.void(open)
      await register.till.post(`/v1/registers/${register.id}/closings`, {})
      const count = event('session_cash_count', register.id, { counted_closing_amount: '20.00' })
      expect(await register.till.create(count)).toMatchObject({ closing_cashcount_diff: '0.00' })
    }))

  test('the limit is that of the whole line', () =>
    atPrinter(family, async (register, printed) => {
      const half = (Number(price) / 2).toFixed(2)
      const pair = { title: 'Anello', amount: price, more: { quantity: 2, unit_price: half } }
      await refuse(register, await exchangeFor(register, [pair]), [pay('card', net)])
      expect(printed()).toHaveLength(1)
    }))

  test('a document comes to 9,999,999.99 at most', () =>
    atPrinter(family, async (register, printed) => {
      const lines = Array.from({ length: 11 }, () => ({ title: 'Anello', amount: '950000.00' }))
      await refuse(register, await exchangeFor(register, lines), [pay('card', '10449980.00')])
      expect(printed()).toHaveLength(1)
    }))

  test('a line and a document up to the limit are printed', () =>
    atPrinter(family, async (register, printed) => {
      const below = (Number(price) - 0.01).toFixed(2)
      const sale = movement('sale', register, [{ title: 'Anello', amount: below }])
      await register.till.complete(await register.till.create(sale), [pay('card', below)])
      const rings = Array.from({ length: 10 }, () => ({ title: 'Anello', amount: '999999.99' }))
      const many = movement('sale', register, rings)
      await register.till.complete(await register.till.create(many), [pay('card', '9999999.90')])
      expect(printed().map(({ totalCents }) => totalCents)).toEqual([Math.round(Number(below) * 100), 999_999_990])
    }))
})

describe('a failure between the two documents keeps the operation open', () => {
  const given = [{ title: 'Cucchiaio', amount: '5.00' }]

  test('a printer that is unplugged is 503, and the reso stays', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const open = await exchangeFor(register, given)
    printer.simulator.inject('error=ES0001@=R#2')
    const call = completion(open, [pay('cash', '-15.00')])
    expect(await register.till.refused(call)).toMatchObject({
      ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'recorded' },
      message: expect.stringContaining('fiskal-edge operation end'),
    })
    await printer.unplug()
    expect(await register.till.refused(call)).toMatchObject({ status: 503, fiscal_effect: 'recorded' })
    await printer.plugIn()
    // A till comes back with the same key.
    await bench.until(async () => (await register.till.call(call)).status === 200)
    expect(printer.documents.map(({ kind }) => kind)).toEqual(['sale', 'return', 'sale'])
  })

  test('the same completion continues; one that would change the payout of the reso is refused', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const open = await exchangeFor(register, given)
    printer.simulator.inject('error=ES0001@=R#2')
    const call = completion(open, [pay('cash', '-10.00'), pay('card', '-5.00')])
    expect((await register.till.refused(call)).fiscal_effect).toBe('recorded')
    for (const payments of [[pay('cash', '-15.00')], [pay('card', '-15.00')]]) {
      expect(await register.till.refused(completion(open, payments))).toMatchObject({
        ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'recorded' },
        details: { pointer: '/payments' },
      })
    }
    expect((await register.till.call(call)).status).toBe(200)
    expect(printer.documents.map(({ kind, cashCents }) => [kind, cashCents])).toEqual([
      ['sale', 2000],
      ['return', -1500],
      ['sale', 500],
    ])
  })

  test('if the sale comes to more, it may be paid otherwise', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const open = await exchangeFor(register, [{ title: 'Teiera', amount: '35.00' }])
    printer.simulator.inject('error=ES0001@=R#2')
    const refused = await register.till.refused(completion(open, [pay('card', '15.00')]))
    expect(refused.fiscal_effect).toBe('recorded')
    await register.till.complete(open, [pay('cash', '15.00')])
    expect(printer.documents.map(({ cashCents }) => cashCents)).toEqual([2000, -2000, 3500])
  })
})
