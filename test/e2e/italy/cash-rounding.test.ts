// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded, wordsOf } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Family = Trade['family']

/** As each printer gets 0.02 that are left off, 0.02 that are added, and 12.95 or 20.00 in cash. */
const SENT = {
  rch: { down: '=T9/$2', up: '=R6/$2/*1/(ARROTONDAMENTO)', cash: '=T1/$1295', note: '=T1/$2000' },
  custom: {
    down: '3007530000000000002',
    up: '3301100000100000614ARROTONDAMENTO00000000200',
    ...{ cash: '3007010000000001295', note: '3007010000000002000' },
  },
  epson: {
    down: 'payment="0,02" paymentType="6" index="0"',
    up: 'description="ARROTONDAMENTO" quantity="1" unitPrice="0,02"',
    ...{ cash: 'payment="12,95" paymentType="0" index="0"', note: 'payment="20,00" paymentType="0" index="0"' },
  },
} as const satisfies Record<Family, Record<string, string>>

const DOWN = [pay('cash', '12.95'), pay('rounding', '0.02')]
const NOTE_DOWN = [pay('cash', '20.00'), pay('cash', '-7.05'), pay('rounding', '0.02')]
const NOTE_UP = [pay('cash', '20.00'), pay('cash', '-7.00'), pay('rounding', '-0.02')]

function openSale({ till, id }: Trade['register'], amount: string, more: Members & { tip_amount?: string } = {}) {
  return till.create(movement('sale', { id }, [{ title: 'ACQUA', amount, rate: '0.10' }], more))
}

async function sold({ register }: Trade, amount: string, payments: readonly Members[]): Promise<Operation> {
  return register.till.complete(await openSale(register, amount), payments)
}

async function back({ register }: Trade, sale: Operation, amount: string, payments: readonly Members[]) {
  const line = { title: 'ACQUA', amount, rate: '0.10' }
  const body = movement('return', register, [line], { related_operation_id: sale.id })
  return register.till.complete(await register.till.create(body), payments)
}

/** The commands or elements of lines and payments in the last document. */
function lastSent({ sent, family }: Trade): string[] {
  const kinds = { rch: /^=[RT]/, custom: /^3301|^3007/, epson: /printRec(Item|Refund|Total)/ }
  return (sent().at(-1) ?? []).filter((part) => kinds[family].test(part))
}

function containing(...parts: readonly string[]): unknown[] {
  return parts.map((part) => expect.stringContaining(part) as unknown)
}

describe.each(FAMILIES)('%s: cash that is rounded to 5 cents', (family) => {
  const { down, up, cash, note } = SENT[family]

  test('is less by a payment, more by a line, also with a note in hand and in the return', () =>
    atPrinter(family, async (trade) => {
      const first = await sold(trade, '12.97', DOWN)
      expect(lastSent(trade)).toEqual([expect.anything(), ...containing(down, cash)])
      expect(wordsOf(trade.documents().at(-1))).not.toContainEqual(expect.stringMatching(/^Resto/))
      await sold(trade, '12.97', NOTE_DOWN)
      expect(lastSent(trade)).toEqual([expect.anything(), ...containing(down, note)])
      expect(wordsOf(trade.documents().at(-1))).toContain('Resto 7,05')
      const second = await sold(trade, '12.98', NOTE_UP)
      expect(lastSent(trade)).toEqual([expect.anything(), ...containing(up, note)])
      expect(wordsOf(trade.documents().at(-1))).toContain('Resto 7,00')
      await back(trade, first, '-12.97', [pay('cash', '-12.95'), pay('rounding', '-0.02')])
      expect(lastSent(trade)).toEqual([expect.anything(), ...containing(down, cash)])
      await back(trade, second, '-12.98', [pay('cash', '-13.00'), pay('rounding', '0.02')])
      expect(lastSent(trade).map((part) => part.includes('ARROTONDAMENTO'))).toEqual([false, true, false])
      expect(trade.documents().map(({ totalCents }) => totalCents)).toEqual([1297, 1297, 1300, 1297, 1300])
      expect(await totalsOf(trade)).toMatchObject({
        payments: [
          { name: 'Contanti', amount: '12.95' },
          { name: 'Sconto a pagare', amount: '0.02' },
        ],
        vat: [
          { name: 'IVA 10 %', amount: '12.97' },
          { name: 'N2', amount: '0.00' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('is annulled with its sale', () =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      const wrong = await sold(trade, '12.98', NOTE_UP)
      await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
      await sold(trade, '12.99', [pay('cash', '13.00'), pay('rounding', '-0.01')])
      expect(await totalsOf(trade)).toMatchObject({
        payments: [{ name: 'Contanti', amount: '13.00' }],
        vat: [
          { name: 'IVA 10 %', amount: '12.99' },
          { name: 'N2', amount: '0.01', tax_amount: '0.00' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('is on the document of an exchange that is paid', () =>
    atPrinter(family, async (trade) => {
      const { register, documents } = trade
      const tea = await traded(register, 'sale', [{ title: 'TE', amount: '9.00', rate: '0.10' }])
      const swap = async (amount: string, payments: readonly Members[]) => {
        const lines = [
          { title: 'TE', amount: '-3.00', rate: '0.10' },
          { title: 'ACQUA', amount, rate: '0.10' },
        ]
        const body = movement('exchange', register, lines, { related_operation_id: tea.id })
        await register.till.complete(await register.till.create(body), payments)
      }
      await swap('7.98', [pay('cash', '5.00'), pay('rounding', '-0.02')])
      await swap('7.97', [pay('cash', '4.95'), pay('rounding', '0.02')])
      await swap('0.98', [pay('cash', '-2.00'), pay('rounding', '-0.02')])
      expect(documents().map(({ totalCents }) => totalCents)).toEqual([900, 300, 800, 300, 797, 300, 98])
      expect(await totalsOf(trade)).toMatchObject({
        payments: [
          { name: 'Contanti', amount: '16.95' },
          { name: 'Sconto a pagare', amount: '0.00' },
        ],
        vat: [
          { name: 'IVA 10 %', amount: '16.93' },
          { name: 'N2', amount: '0.02' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }))
})

/** The printer refuses the goods of the second document until the faults are cleared. */
const SECOND_REFUSED: Readonly<Record<Family, string>> = {
  rch: 'error=ES0001@=R#2-99',
  custom: 'error=ERR05@3301#2-99',
  epson: 'error@printerFiscalReceipt#2-99',
}

test.each(FAMILIES)(
  '%s: an exchange whose sale is refused after its reso is completed by the same payments alone',
  (family) =>
    atPrinter(family, async (trade) => {
      const { register, documents, inject, clearFaults } = trade
      const tea = await traded(register, 'sale', [{ title: 'TE', amount: '9.00', rate: '0.10' }])
      for (const [amount, payments, others] of [
        ['7.98', [pay('cash', '5.00'), pay('rounding', '-0.02')], undefined],
        ['0.98', [pay('cash', '-2.00'), pay('rounding', '-0.02')], [pay('cash', '-2.02')]],
      ] as const) {
        const lines = [
          { title: 'TE', amount: '-3.00', rate: '0.10' },
          { title: 'ACQUA', amount, rate: '0.10' },
        ]
        const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: tea.id }))
        const before = documents().length
        inject(SECOND_REFUSED[family])
        expect(await register.till.refused(completion(open, payments))).toMatchObject({ fiscal_effect: 'recorded' })
        clearFaults()
        if (others !== undefined)
          expect(await register.till.refused(completion(open, others))).toMatchObject({
            ...{ code: 'unprocessable_entity', fiscal_effect: 'recorded', details: { pointer: '/payments' } },
          })
        await register.till.complete(open, payments)
        expect(
          documents()
            .slice(before)
            .map(({ kind }) => kind),
        ).toEqual(['return', 'sale'])
      }
      expect(await trade.findings()).toEqual([])
    }),
)

async function totalsOf({ register }: Trade): Promise<Members> {
  return (await closed(register))['totals'] as Members
}

test('a tip before the rounding line is still the tip, and the drawer has what was paid', () =>
  atPrinter('rch', async (trade) => {
    const { register, bench } = trade
    const open = await openSale(register, '12.48', { tip_amount: '0.50' })
    await register.till.complete(open, [pay('cash', '13.00'), pay('rounding', '-0.02')])
    expect(lastSent(trade)).toEqual([
      ...['=R2/$1248/*1/(ACQUA)', '=R5/$50/*1/(MANCIA)', '=R6/$2/*1/(ARROTONDAMENTO)', '=T1/$1300'],
    ])
    // Goods may have these names.
    await traded(register, 'sale', [
      { title: 'MANCIA', amount: '1.00' },
      { title: 'ARROTONDAMENTO', amount: '2.00', rate: '0.10' },
    ])
    const [session] = (await bench.office.list(`/v1/sessions?register_id=${register.id}`)) as Members[]
    expect(session?.['expected_closing_amount']).toBe('116.00')
    expect(await totalsOf(trade)).toMatchObject({
      vat: [
        { name: 'IVA 10 %', amount: '14.48' },
        { amount: '1.00' },
        { name: 'N1', amount: '0.50' },
        { name: 'N2', amount: '0.02' },
      ],
    })
    expect(await trade.findings()).toEqual([])
  }))

test('our own receipt names it', () =>
  atPrinter('rch', async (trade) => {
    const done = await sold(trade, '12.97', DOWN)
    const receipt = (await trade.bench.office.get(`/v1/operations/${done.id}/receipt?language=it`)) as Members
    expect(receipt['payments']).toMatchObject([
      { label: 'Contanti', value: '12.95' },
      { label: 'Arrotondamento (D.L. 50/2017)', value: '0.02' },
    ])
  }))

test('a wrong rounding is refused, in training too, before a byte is sent', () =>
  atPrinter('rch', async (trade) => {
    const { register, documents, bench } = trade
    const open = await openSale(register, '12.97')
    const training = await openSale(register, '12.97', { training: true })
    const head = bench.head()
    const rows: readonly (readonly [payments: readonly Members[], at: number])[] = [
      [[pay('cash', '12.94'), pay('rounding', '0.03')], 1],
      [[pay('cash', '13.00'), pay('rounding', '-0.03')], 1],
      [[pay('cash', '12.97'), pay('rounding', '0.00')], 1],
      [[pay('cash', '12.96'), pay('rounding', '0.01')], 1],
      [[pay('cash', '12.95'), pay('rounding', '0.01'), pay('rounding', '0.01')], 2],
      [[pay('rounding', '0.02', { status: 'failed' }), ...DOWN], 2],
      [[pay('rounding', '0.02'), pay('card', '12.95')], 0],
      [[pay('cash', '10.00'), pay('card', '2.95'), pay('rounding', '0.02')], 2],
      [[pay('cash', '12.95'), pay('rounding', '0.02', { tender: 'sconto_a_pagare' })], 1],
      [[pay('cash', '12.95'), pay('rounding', '0.02', { count: 1 })], 1],
      [[pay('cash', '12.95'), pay('rounding', '0.02', { status: 'authorized' })], 1],
    ]
    for (const [payments, at] of rows)
      for (const operation of [open, training])
        expect(await register.till.refused(completion(operation, payments))).toMatchObject({
          ...{ status: 422, fiscal_effect: 'none', details: { pointer: expect.stringMatching(`^/payments/${at}`) } },
        })
    expect(bench.requestedSince(head)).toEqual([])
    expect(documents()).toEqual([])
    await register.till.complete(open, [...DOWN, pay('card', '12.97', { status: 'failed' })])
    await register.till.complete(training, DOWN)
    expect(documents()).toHaveLength(1)
  }))

test('a shop without a department for it does not round up', async () => {
  const refused = (rt: Members, answer: Members) =>
    atPrinter(
      'rch',
      async (trade) => {
        const open = await openSale(trade.register, '12.98')
        expect(await trade.register.till.refused(completion(open, NOTE_UP))).toMatchObject({
          ...{ status: 422, fiscal_effect: 'none', ...answer },
        })
        expect(trade.documents()).toEqual([])
        await sold(trade, '12.97', DOWN)
      },
      { rt },
    )
  const pointer = { code: 'unprocessable_entity', details: { pointer: '/payments/2' } }
  await refused({ roundingDepartment: null }, pointer)
  await refused({ roundingDepartment: 'N6/altro' }, { code: 'tax_rate_not_supported', details: { rate: 'N6/altro' } })
})

test('the department of the shop has the line, whatever the configuration says later', () =>
  atPrinter(
    'rch',
    async (trade) => {
      await sold(trade, '12.98', NOTE_UP)
      expect(lastSent(trade)).toContain('=R12/$2/*1/(ARROTONDAMENTO)')
      Object.assign((trade.bench.config as unknown as { rt: Members }).rt, { roundingDepartment: null })
      expect(await totalsOf(trade)).toMatchObject({
        vat: [{ name: 'IVA 10 %' }, { name: 'IVA 22 % servizi', department: 'servizi', amount: '0.02' }],
      })
      expect(await trade.findings()).toEqual([])
    },
    { rt: { roundingDepartment: '0.22/servizi' } },
  ))

test('the line counts against what a reso may have of its sale, and the till pays out without rounding', () =>
  atPrinter('rch', async (trade) => {
    const { register, documents } = trade
    const sale = await sold(trade, '12.98', [pay('card', '12.98')])
    const line = { title: 'ACQUA', amount: '-12.98', rate: '0.10' }
    const body = movement('return', register, [line], { related_operation_id: sale.id })
    const open = await register.till.create(body)
    const call = completion(open, [pay('cash', '-13.00'), pay('rounding', '0.02')])
    expect(await register.till.refused(call)).toMatchObject({ status: 422, fiscal_effect: 'none' })
    expect(documents()).toHaveLength(1)
    await register.till.complete(open, [pay('cash', '-12.98')])
    expect(await trade.findings()).toEqual([])
  }))

test('a return of several resi is rounded down, and not up', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const deposit = { title: 'ACCONTO', amount: '20.00', more: { type: 'deposit' } }
    const paid = await traded(register, 'deposit', [deposit])
    const lines = [
      { title: 'DIVANO', amount: '50.03' },
      { ...deposit, amount: '-20.00' },
    ]
    const capture = await traded(register, 'deposit_capture', lines, { related_operation_id: paid.id })
    const body = (amount: string) =>
      movement('return', register, [{ title: 'DIVANO', amount }], { related_operation_id: capture.id })
    const open = await register.till.create(body('-50.03'))
    const up = completion(open, [pay('cash', '-50.05'), pay('rounding', '0.02')])
    expect(await register.till.refused(up)).toMatchObject({
      ...{ code: 'unprocessable_entity', fiscal_effect: 'none', details: { pointer: '/payments' } },
    })
    await register.till.void(open)
    const down = await register.till.create(body('-50.02'))
    await register.till.complete(down, [pay('cash', '-50.00'), pay('rounding', '-0.02')])
    const ends = trade.sent().map((parts) => parts.filter((part) => part.startsWith('=T')))
    expect(ends.slice(2)).toEqual([['=T9/$2', '=T1/$3001'], ['=T1/$1999']])
    expect(await trade.findings()).toEqual([])
  }))
