// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members, Operation } from '../client.ts'
import { pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Line = Parameters<typeof movement>[2][number]

const MASSAGE: Line = { title: 'MASSAGGIO', amount: '72.00' }

function voucher(amount: string, more: Members = {}): Line {
  return { title: 'BUONO', amount, more: { type: 'single_purpose_voucher', gift_card_id: 'BM-7', ...more } }
}

function back(title: string, amount: string): Line {
  return { title, amount: `-${amount}` }
}

function returning({ register }: Trade, lines: readonly Line[], sale: Operation | undefined): Members {
  return movement('return', register, lines, sale === undefined ? {} : { related_operation_id: sale.id })
}

/** A voucher of 50.00 was sold and paid for a part of 72.00. */
async function redeemed({ register }: Trade): Promise<Operation> {
  await traded(register, 'sale', [voucher('50.00')])
  return traded(register, 'sale', [MASSAGE, voucher('-50.00')])
}

function refused(trade: Trade, body: Members): Promise<Members> {
  return trade.register.till.refused({ path: '/v1/operations', body })
}

describe.each(FAMILIES.filter((family) => family !== 'custom'))('%s: goods that a voucher had paid', (family) => {
  test('come back on the document of their sale by what it came to, and the voucher is valid again', () =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      const sale = await redeemed(trade)
      await traded(register, 'return', [back('MASSAGGIO', '72.00'), voucher('50.00')], {
        related_operation_id: sale.id,
      })
      if (family === 'rch')
        expect(trade.sent()[2]).toEqual([expect.stringMatching(/^=r\//), '=R1/$2200/*1/(MASSAGGIO)', '=T1/$2200'])
      expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['sale', 5000],
        ['sale', 2200],
        ['return', 2200],
      ])
      await traded(register, 'sale', [MASSAGE, voucher('-50.00')])
      expect(await refused(trade, movement('sale', register, [MASSAGE, voucher('-0.01')]))).toMatchObject({
        ...{ code: 'amount_exceeded', details: { left: '0.00', wanted: '0.01' } },
      })
      expect((await closed(register))['totals']).toMatchObject({ vat: [{ name: 'IVA 22 %', amount: '72.00' }] })
      expect(await trade.findings()).toEqual([])
    }))

  test('print nothing if it had paid all of them, and the voucher is valid again anyway', () =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      await traded(register, 'sale', [voucher('50.00')])
      const sale = await traded(register, 'sale', [{ ...MASSAGE, amount: '50.00' }, voucher('-50.00')])
      const open = await register.till.create(returning(trade, [back('MASSAGGIO', '50.00'), voucher('50.00')], sale))
      expect(await register.till.complete(open, [pay('cash', '0.00')])).toMatchObject({
        ...{ status: 'completed', fiscal: { state: 'not_required' } },
      })
      expect(trade.documents()).toHaveLength(2)
      await traded(register, 'sale', [MASSAGE, voucher('-50.00')])
      expect(await trade.findings()).toEqual([])
    }))
})

test('goods come back in parts, with the voucher or before it, each once', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const sale = await redeemed(trade)
    await traded(register, 'return', [back('MASSAGGIO', '20.00')], { related_operation_id: sale.id })
    const beyond = await refused(trade, returning(trade, [back('MASSAGGIO', '52.00')], sale))
    expect(beyond).toMatchObject({
      ...{ code: 'related_operation_invalid', fiscal_effect: 'none' },
      message: expect.stringContaining('single_purpose_voucher'),
    })
    const rest = [back('MASSAGGIO', '52.00'), voucher('50.00')]
    await traded(register, 'return', rest, { related_operation_id: sale.id })
    expect(trade.documents().map(({ totalCents }) => totalCents)).toEqual([5000, 2200, 2000, 200])
    expect(await refused(trade, returning(trade, rest, sale))).toMatchObject({
      ...{ code: 'amount_exceeded', details: { left: '0.00', wanted: '50.00' } },
    })
    expect(await trade.findings()).toEqual([])
  }))

test('a voucher that a return makes valid again is one that its sale redeemed: else 422, and nothing is printed', () =>
  atPrinter('rch', async (trade) => {
    const sale = await redeemed(trade)
    const head = trade.bench.head()
    const goods = back('MASSAGGIO', '72.00')
    const elsewhere = { external_related_operation: { description: 'x', external_operation_id: 'ND' } }
    const rows: readonly (readonly [Members, Members])[] = [
      [returning(trade, [goods, voucher('50.01')], sale), { code: 'amount_exceeded', details: { left: '50.00' } }],
      [
        returning(trade, [goods, voucher('1.00', { gift_card_id: 'BM-8' })], sale),
        { code: 'amount_exceeded', details: { left: '0.00', pointer: '/line_items/1/total_amount' } },
      ],
      [returning(trade, [goods, { ...voucher('1.00'), rate: '0.10' }], sale), { code: 'amount_exceeded' }],
      [returning(trade, [goods, voucher('1.00', { department: 'servizi' })], sale), { code: 'amount_exceeded' }],
      [returning(trade, [voucher('1.00')], sale), { code: 'unprocessable_entity' }],
      [
        { ...returning(trade, [goods, voucher('50.00')], undefined), ...elsewhere },
        { code: 'unprocessable_entity', details: { pointer: '/related_operation_id' } },
      ],
      [
        returning(trade, [goods, voucher('50.00', { unit_price: '51.00', discounts: [{ amount: '1.00' }] })], sale),
        { code: 'unprocessable_entity', details: { pointer: '/line_items/1/discounts' } },
      ],
      [returning(trade, [back('MASSAGGIO', '20.00'), { ...voucher('50.00') }], sale), { code: 'unprocessable_entity' }],
    ]
    for (const [body, refusal] of rows)
      expect(await refused(trade, body)).toMatchObject({ status: 422, fiscal_effect: 'none', ...refusal })
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toHaveLength(2)
  }))

test('a voucher from elsewhere that comes back stays one from elsewhere', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const sale = await traded(register, 'sale', [MASSAGE, voucher('-50.00')])
    await traded(register, 'return', [back('MASSAGGIO', '72.00'), voucher('50.00')], { related_operation_id: sale.id })
    await traded(register, 'sale', [{ ...MASSAGE, amount: '90.00' }, voucher('-80.00')])
    expect(await trade.findings()).toEqual([])
  }))
