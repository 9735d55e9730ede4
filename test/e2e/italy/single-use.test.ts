// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Lines = Parameters<typeof movement>[2]

/** At another rate. */
const SOAP = { title: 'SAPONE', amount: '20.00', rate: '0.10' }
const MASSAGE = { title: 'MASSAGGIO', amount: '72.00', more: { department: 'servizi' } }

function voucher(amount: string, more: Members = {}): Lines[number] {
  const own = { type: 'single_purpose_voucher', gift_card_id: 'BM-7', department: 'servizi', ...more }
  return { title: 'BUONO MASSAGGIO', amount, more: own }
}

async function totalsOf({ register }: Trade): Promise<Members> {
  return (await closed(register))['totals'] as Members
}

const ON_PAPER: Readonly<Record<string, string | RegExp>> = {
  rch: '=R12/$5000/&3/(BUONO BM-7)',
  epson: /adjustmentType="12" .*department="12"|department="12" .*adjustmentType="12"/,
}

describe.each(FAMILIES.filter((family) => family !== 'custom'))('%s: a voucher of one purpose', (family) => {
  test('is sold at its rate and department, and deducted from the goods that it pays', () =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      await traded(register, 'sale', [voucher('50.00')])
      await traded(register, 'sale', [MASSAGE, voucher('-50.00')])
      const part = ON_PAPER[family] ?? ''
      expect(trade.sent()[1]).toContainEqual(typeof part === 'string' ? part : expect.stringMatching(part))
      expect(trade.documents().map(({ totalCents }) => totalCents)).toEqual([5000, 2200])
      expect(await totalsOf(trade)).toMatchObject({
        vat: [{ name: 'IVA 22 % servizi', amount: '72.00' }],
        payments: [{ name: 'Contanti', amount: '72.00' }],
        business_cases: expect.arrayContaining([{ name: 'Buoni monouso', amount: '50.00' }]),
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('pays goods whole, next to a gift: a document over 0.00', () =>
    atPrinter(family, async (trade) => {
      const gift = { title: 'TISANA', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00' } }
      await traded(trade.register, 'sale', [gift, { ...MASSAGE, amount: '50.00' }, voucher('-50.00')])
      expect(trade.documents()).toMatchObject([{ totalCents: 0, cashCents: 0 }])
      expect(await totalsOf(trade)).toMatchObject({
        vat: [
          { name: 'IVA 22 %', amount: '3.00' },
          { name: 'IVA 22 % servizi', amount: '0.00' },
        ],
        business_cases: expect.arrayContaining([
          { name: 'Omaggi', amount: '3.00' },
          { name: 'Buoni monouso', amount: '50.00' },
        ]),
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('comes back by a reso of its sale', () =>
    atPrinter(family, async (trade) => {
      const sold = await traded(trade.register, 'sale', [voucher('50.00')])
      await traded(trade.register, 'return', [voucher('-50.00')], { related_operation_id: sold.id })
      expect(trade.documents()).toMatchObject([{ kind: 'sale' }, { kind: 'return', totalCents: 5000 }])
      expect(await trade.findings()).toEqual([])
    }))
})

test('a voucher is used once, and again after the annullo of the sale that redeemed it', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    await traded(register, 'sale', [voucher('50.00')])
    const used = await traded(register, 'sale', [MASSAGE, voucher('-50.00')])
    const body = movement('sale', register, [MASSAGE, voucher('-50.00')])
    const call = { path: '/v1/operations', body, key: 'again' }
    expect(await register.till.refused(call)).toMatchObject({ code: 'amount_exceeded', fiscal_effect: 'none' })
    await register.till.create(event('void', register.id, { related_operation_id: used.id }))
    await traded(register, 'sale', [{ ...MASSAGE, amount: '50.00' }, voucher('-50.00')])
    expect(trade.documents().map(({ kind, totalCents }) => `${kind} ${totalCents}`)).toEqual([
      ...['sale 5000', 'sale 2200', 'void 2200', 'sale 0'],
    ])
    expect(await totalsOf(trade)).toMatchObject({
      vat: [{ name: 'IVA 22 % servizi', amount: '50.00' }],
      business_cases: expect.arrayContaining([{ name: 'Buoni monouso', amount: '50.00' }]),
    })
    expect(await trade.findings()).toEqual([])
  }))

test('a Custom printer sells a voucher of one purpose and redeems none: 422, and no byte on its line', () =>
  atPrinter('custom', async (trade) => {
    const { register, bench } = trade
    await traded(register, 'sale', [voucher('50.00')])
    const open = await register.till.create(movement('sale', register, [MASSAGE, voucher('-50.00')]))
    const { id } = open
    expect(await register.till.refused(completion(open, [pay('cash', '22.00')]))).toMatchObject({
      code: 'unprocessable_entity',
      status: 422,
      fiscal_effect: 'none',
    })
    expect(trade.documents()).toHaveLength(1)
    expect(await bench.office.get(`/v1/operations/${id}`)).toMatchObject({ status: 'open' })
    expect(await trade.findings()).toEqual([])
  }))

test('a voucher pays items of its rate and department alone: 422 amount_exceeded', () =>
  atPrinter('rch', async (trade) => {
    const head = trade.bench.head()
    const rows: readonly Lines[] = [
      [MASSAGE, SOAP, voucher('-72.01')],
      [MASSAGE, voucher('-5.00', { department: 'nessuno' })],
      [{ ...MASSAGE, more: {} }, voucher('-5.00')],
      [MASSAGE, { ...voucher('-5.00', { department: 'asporto' }), rate: '0.10' }],
      [
        { title: 'TISANA', amount: '0.00', more: { type: 'omaggio', unit_price: '90.00', department: 'servizi' } },
        ...[MASSAGE, SOAP],
        voucher('-80.00'),
      ],
    ]
    for (const lines of rows) {
      const body = movement('sale', trade.register, lines)
      const refusal = await trade.register.till.refused({ path: '/v1/operations', body })
      expect(refusal).toMatchObject({ code: 'amount_exceeded', status: 422, fiscal_effect: 'none' })
    }
    expect(trade.bench.requestedSince(head)).toEqual([])
  }))
