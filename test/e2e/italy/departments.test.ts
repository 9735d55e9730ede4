// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Lines = Parameters<typeof movement>[2]

const COFFEE = { title: 'CAFFE', amount: '12.00' }
const CUT = { title: 'TAGLIO', amount: '8.00', more: { department: 'servizi' } }

const LINES: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  rch: ['=R1/$1200/*1/(CAFFE)', '=R12/$800/*1/(TAGLIO)', '=T1/$2000'],
  custom: ['3301100000100000105CAFFE00000120000', '3301100000100001206TAGLIO00000080000', '3007010000000002000'],
  epson: [/description="CAFFE".*|department="1" /, /department="12" .*description="TAGLIO"/],
}

async function vatOf({ register }: Trade): Promise<unknown> {
  return ((await closed(register))['totals'] as Members)['vat']
}

function refused({ register }: Trade, lines: Lines, more: Members = {}): Promise<Members> {
  return register.till.refused({ path: '/v1/operations', body: movement('sale', register, lines, more) })
}

describe.each(FAMILIES)('%s: a department by its code', (family) => {
  test('is that of the line on paper, and a row of the closing', () =>
    atPrinter(family, async (trade) => {
      await traded(trade.register, 'sale', [COFFEE, CUT])
      const [sent = []] = trade.sent()
      for (const part of LINES[family] ?? [])
        expect(sent).toContainEqual(typeof part === 'string' ? part : expect.stringMatching(part))
      expect(trade.documents()[0]?.totalCents).toBe(2000)
      expect(await vatOf(trade)).toEqual([
        { name: 'IVA 22 %', rate: '0.22', amount: '12.00', tax_amount: '2.16' },
        { name: 'IVA 22 % servizi', rate: '0.22', department: 'servizi', amount: '8.00', tax_amount: '1.44' },
      ])
      expect(await trade.findings()).toEqual([])
    }))

  test('takes back what was sold on it, in a reso, an exchange and an annullo', () =>
    atPrinter(family, async (trade) => {
      const { register, documents } = trade
      const sold = await traded(register, 'sale', [COFFEE, CUT])
      const part = { ...CUT, amount: '-3.00' }
      await traded(register, 'return', [part], { related_operation_id: sold.id })
      const swap = [
        { ...CUT, amount: '-5.00' },
        { ...COFFEE, amount: '6.00' },
      ]
      await traded(register, 'exchange', swap, { related_operation_id: sold.id })
      const wrong = await traded(register, 'sale', [CUT])
      await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
      expect(documents().map(({ kind }) => kind)).toEqual(['sale', 'return', 'return', 'sale', 'sale', 'void'])
      expect(await vatOf(trade)).toMatchObject([{ amount: '18.00' }, { department: 'servizi', amount: '0.00' }])
      expect(await trade.findings()).toEqual([])
    }))

  test('has advances of its rate', () =>
    atPrinter(family, async (trade) => {
      const deposit = { title: 'ACCONTO', amount: '20.00', more: { type: 'deposit', department: 'servizi' } }
      const paid = await traded(trade.register, 'deposit', [deposit])
      const lines = [
        { ...CUT, amount: '50.00' },
        { ...deposit, amount: '-20.00' },
      ]
      await traded(trade.register, 'deposit_capture', lines, { related_operation_id: paid.id })
      expect(trade.documents().map(({ totalCents }) => totalCents)).toEqual([2000, 3000])
      expect(await vatOf(trade)).toMatchObject([{ name: 'IVA 22 % servizi', amount: '50.00' }])
      expect(await trade.findings()).toEqual([])
    }))
})

test('a code without a department at that rate is 422 department_unknown with those of it, and nothing is journalled', () =>
  atPrinter('rch', async (trade) => {
    const head = trade.bench.head()
    const line = (department: string, more: Partial<Lines[number]> = {}) => ({ ...CUT, ...more, more: { department } })
    const refusal = { code: 'department_unknown', status: 422, fiscal_effect: 'none' }
    const rows: readonly (readonly [Lines[number], Members])[] = [
      [line('merce'), { department: 'merce', rate: '0.22', known: ['servizi'] }],
      [line('servizi', { rate: '0.10' }), { department: 'servizi', rate: '0.10', known: ['asporto'] }],
      [line('servizi', { rate: '0.04' }), { department: 'servizi', rate: '0.04', known: [] }],
      [line('servizi', { code: 'N2.1' }), { department: 'servizi', rate: 'N2.1', known: ['buoni'] }],
      [line('__proto__'), { department: '__proto__', rate: '0.22', known: ['servizi'] }],
    ]
    for (const [wrong, details] of rows)
      expect(await refused(trade, [COFFEE, wrong])).toMatchObject({
        ...refusal,
        details: { line_index: 1, ...details },
      })
    for (const department of ['', 'Servizi', 'servizi!', '0.22/servizi', 'x'.repeat(21), 12])
      expect(await refused(trade, [{ ...CUT, more: { department } }])).toMatchObject({ code: 'invalid_request' })
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toEqual([])
  }))

test('goods come back on the department of their sale alone', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const sold = await traded(register, 'sale', [CUT])
    const { id } = register
    const body = movement('return', { id }, [{ ...CUT, amount: '-8.00', more: {} }], { related_operation_id: sold.id })
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
      ...{ code: 'tax_rate_not_supported', fiscal_effect: 'none' },
      message: expect.stringContaining('its sale has 0.22/servizi'),
    })
  }))

test('a subclass of a natura falls back to its class with the same code', () =>
  atPrinter('rch', async (trade) => {
    const line = { title: 'BIGLIETTO', amount: '5.00', code: 'N2.2', more: { department: 'buoni' } }
    await traded(trade.register, 'sale', [line])
    expect(trade.sent()[0]).toContain('=R17/$500/*1/(BIGLIETTO)')
    expect(await vatOf(trade)).toMatchObject([{ name: 'N2.2 buoni', department: 'buoni', amount: '5.00' }])
    expect(await trade.findings()).toEqual([])
  }))

test('tips and gift cards have the department of their keys', () =>
  atPrinter(
    'rch',
    async (trade) => {
      const card = { title: 'BUONO', amount: '25.00', rate: '0', more: { type: 'gift_card', gift_card_id: 'GC-1' } }
      await traded(trade.register, 'sale', [card, COFFEE], { tip_amount: '2.00' })
      expect(trade.sent()[0]).toEqual(
        expect.arrayContaining(['=R17/$2500/*1/(BUONO)', '=R1/$1200/*1/(CAFFE)', '=R16/$200/*1/(MANCIA)']),
      )
      const named = { ...card, more: { ...card.more, department: 'buoni' } }
      expect(await refused(trade, [named])).toMatchObject({ code: 'department_unknown', details: { known: [] } })
      expect(await vatOf(trade)).toMatchObject([{ name: 'IVA 22 %' }, { name: 'N1 mance' }, { name: 'N2 buoni' }])
      expect(await trade.findings()).toEqual([])
    },
    { rt: { tipDepartment: 'N1/mance', giftCardDepartment: 'N2/buoni' } },
  ))

test('an amendment and the goods of a completion are asked for their departments, too', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('sale', register, [COFFEE]))
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = movement('sale', register, [
      { ...CUT, more: { department: 'merce' } },
    ])
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const path = `/v1/operations/${open.id}`
    const amended = { method: 'PATCH' as const, path, body: last, ifMatch: 1, key: 'amended' }
    expect(await register.till.refused(amended)).toMatchObject({ code: 'department_unknown' })
    const body = { payments: [pay('cash', '8.00')], ...last }
    const completed = { path: `${path}/complete`, body, ifMatch: 1, key: 'completed' }
    expect(await register.till.refused(completed)).toMatchObject({ code: 'department_unknown', fiscal_effect: 'none' })
    expect(trade.documents()).toEqual([])
  }))
