import { describe, expect, test } from 'vitest'
import type { SoldKind } from '../../../agent/journal/documents/kind.ts'
import type { Members } from '../../../agent/journal/events.ts'
import { documentJson, documentOf as printedOf } from '../../../agent/laws/italy/document-json.ts'
import { externalOriginal, referenceText } from '../../../agent/laws/italy/original.ts'
import { exchangePayments, rtPayments } from '../../../agent/laws/italy/payments.ts'
import { instantOf } from '../../../agent/laws/italy/rome-time.ts'
import { stepsOf } from '../../../agent/laws/italy/steps.ts'
import { knowsRate } from '../../../agent/laws/italy/vat.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { planDocument } from '../../../drivers/rt-rch/document-commands.ts'
import { defaultProfile } from '../../../drivers/rt-rch/profile.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { fc } from '../../properties.ts'
import { documentOf } from '../../some-document.ts'

const settings = {
  departments,
  giftCardDepartment: 'N2',
  tipDepartment: 'N1',
  roundingDepartment: 'N2',
  tenders: { cash: 1, card: 4, voucher: 5, gift_card: 10 },
  hasTender: () => true,
  serial: undefined,
  operationOf: () => undefined,
}

function euros(cents: number): string {
  return `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
}

/** The printer's total, by the driver's own arithmetic; throws if it would refuse. */
function planned(document: RtDocument): bigint {
  return planDocument(document, { departments, profile: defaultProfile, serial: '' }).totalCents
}

const rate = fc.constantFrom('0.22', '0.10', '0.05', '0.04')
const line = fc
  .record({
    price: fc.integer({ min: 1, max: 20_000 }),
    quantity: fc.integer({ min: 1, max: 9 }),
    off: fc.double({ min: 0, max: 0.9, noNaN: true }),
    odd: fc.boolean(),
    rate,
  })
  .map(({ price, quantity, off, odd, rate }) => {
    const list = price * quantity
    const discount = Math.floor(list * off)
    return {
      ...{ sku_identifier: 'a', title: 'Merce è', type: 'item', total_amount: euros(list - discount) },
      // A weight that no printer can print is in the text.
      ...(odd ? { quantity: '0.123456', unit_price: '9.999' } : { quantity, unit_price: euros(price) }),
      taxes: [{ name: 'IVA', rate, tax_amount: '0.00' }],
      ...(discount > 0 && { discounts: [{ amount: euros(discount) }] }),
    }
  })
function cents({ total_amount: amount }: { total_amount: string }): number {
  return Math.round(Number(amount) * 100)
}

function operation(
  kind: SoldKind,
  lines: readonly object[],
  total: number,
  tip: number,
  payments: readonly (readonly [string, number])[],
  more: object = {},
) {
  const set = {
    ...{
      id: 'op_01J8Z6K4W3T9Q7R5M1N0P2X8YZ',
      type: kind,
      tip_amount: euros(tip),
      total_amount: euros(total),
      line_items: lines,
    },
    payments: payments.map(([method, amount]) => ({ method, amount: euros(amount), status: 'captured' })),
    ...more,
  }
  return documentOf(kind, { set: set as unknown as Members, own: { counted_statuses: ['captured'] } })
}

describe('an operation becomes documents that come to the same', () => {
  test('a sale, with discounts, odd quantities, a tip, split tender and change', () => {
    const tender = fc.record({
      card: fc.double({ min: 0, max: 1, noNaN: true }),
      given: fc.integer({ min: 0, max: 5000 }),
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 500 }),
        tender,
        (lines, tip, { card, given }) => {
          const total = lines.reduce((sum, each) => sum + cents(each), tip)
          const byCard = Math.floor(total * card)
          const change = byCard === total ? 0 : given
          const payments = [
            ['cash', -change],
            ['cash', total - byCard + change],
            ['card', byCard],
          ] as const
          const [sale, ...more] = stepsOf(operation('sale', lines, total, tip, payments), settings)
          expect(more).toEqual([])
          expect(sale && planned(sale)).toBe(BigInt(total))
          expect(sale && printedOf(documentJson(sale))).toEqual(sale)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('an exchange: returned and sold goods, each paid to the cent', () => {
    const external = { external_related_operation: { external_operation_id: '0142-0001 14-09-2026' } }
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (given, back, isCard) => {
          const returned = back.map((each) => ({ ...each, total_amount: `-${each.total_amount}` }))
          const [sold, taken] = [given, back].map((lines) => lines.reduce((sum, each) => sum + cents(each), 0))
          const net = (sold ?? 0) - (taken ?? 0)
          const tender = [[isCard ? 'card' : 'cash', net]] as const
          const documents = stepsOf(operation('exchange', [...returned, ...given], net, 0, tender, external), settings)
          expect(documents.map(planned)).toEqual([BigInt(taken ?? 0), BigInt(sold ?? 0)].filter((total) => total > 0n))
        },
      ),
      { numRuns: 200 },
    )
  })
})

const VUOTI = {
  ...{ sku_identifier: 'v', title: 'Vuoti', type: 'container_deposit', quantity: -1, unit_price: '2.50' },
  ...{ total_amount: '-2.50', taxes: [{ name: 'IVA', rate: '0', code: 'N1', tax_amount: '0.00' }] },
}

test('a sale with empties, pieces that it takes off, goods of elsewhere and a tip: each document paid to the cent', () => {
  const back = { ...VUOTI, type: 'item', external_related_operation: { external_operation_id: '0142-0001 14-09-2026' } }
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 500 }),
      fc.boolean(),
      (given, off, isEmpties, tip, isCard) => {
        const sold = given.map((each, index) => ({ ...each, sku_identifier: `sku ${index}` }))
        const taken = [...new Set(off)].flatMap((index) => {
          const each = sold[index]
          return each === undefined ? [] : [{ ...each, quantity: -1, total_amount: `-${each.total_amount}` }]
        })
        const lines = [...taken, isEmpties ? VUOTI : back, ...sold]
        const ofSale = [...taken, ...sold].reduce((sum, each) => sum + cents(each), tip)
        const total = ofSale - 250
        const payments = [[isCard ? 'card' : 'cash', total]] as const
        const documents = stepsOf(operation('sale', lines, total, tip, payments), settings)
        expect(documents.map((each) => [each.kind, planned(each)])).toEqual([
          ['return', 250n],
          ['sale', BigInt(ofSale)],
        ])
        expect(documents.map((each) => printedOf(documentJson(each)))).toEqual(documents)
      },
    ),
    { numRuns: 200 },
  )
})

test('empties alone have the day in Rome on which the operation was created, however late they are printed', () => {
  const made = { created_at: '2026-06-30T22:30:00Z' }
  for (const kind of ['sale', 'return'] as const)
    expect(stepsOf(operation(kind, [VUOTI], -250, 0, [['cash', -250]], made), settings)).toMatchObject([
      {
        kind: 'return',
        original: { evidence: 'VR', date: '2026-07-01' },
        payments: [{ tender: 1, amountCents: 250n }],
      },
    ])
})

test('a sale without one line that costs something is refused: no printer has such a document', () => {
  const free = {
    ...{ sku_identifier: 'a', title: 'Omaggio', type: 'item', quantity: 1, unit_price: '0.00', total_amount: '0.00' },
    taxes: [{ name: 'IVA', rate: '0.22', tax_amount: '0.00' }],
  }
  const refusal = { code: 'unprocessable_entity', details: { pointer: '/line_items' } }
  const nothing = operation('sale', [free], 0, 0, [])
  expect(() => stepsOf(nothing, settings)).toThrow(expect.objectContaining(refusal))
})

test('change comes out of tenders that give change, cash last; a tender that it uses up is omitted', () => {
  expect(
    rtPayments([
      { tender: 1, cents: 5000n },
      { tender: 4, cents: 1000n },
      { tender: 1, cents: -250n },
    ]),
  ).toEqual([
    { tender: 4, amountCents: 1000n },
    { tender: 1, amountCents: 5000n },
  ])
  expect(
    rtPayments([
      { tender: 4, cents: 1000n },
      { tender: 1, cents: 500n },
      { tender: 1, cents: -500n },
    ]),
  ).toEqual([{ tender: 4, amountCents: 1000n }])
  expect(() =>
    rtPayments([
      { tender: 4, cents: 1200n },
      { tender: 1, cents: -200n },
    ]),
  ).toThrowError(/Change/)
})

test('tickets give no change, nor does the cash that passes in an exchange replace it', () => {
  const change = [
    { tender: 5, cents: 1600n },
    { tender: 1, cents: -400n },
  ]
  expect(() => rtPayments(change)).toThrowError(/not of meal tickets/)
  expect(() => exchangePayments(change, 3200n, 2000n)).toThrowError(/not of meal tickets/)
  const mixed = [
    { tender: 5, cents: 1000n },
    { tender: 3, cents: 500n },
    { tender: 1, cents: -300n },
  ]
  expect(rtPayments(mixed)).toEqual([
    { tender: 5, amountCents: 1000n },
    { tender: 3, amountCents: 500n },
  ])
})

const TODAY = '2026-11-29'
const wrong = expect.objectContaining({ code: 'related_operation_invalid', fiscalEffect: 'none' })

test('an external reference names closure, number, day and matricola, or is refused', () => {
  const text = '0142-0001 14-09-2026 72IV6000001'
  const original = externalOriginal(text, TODAY, '')
  expect(original).toEqual({ z: 142, number: 1, date: '2026-09-14', serial: '72IV6000001' })
  expect(referenceText(original)).toBe(text)
  for (const bad of ['', '142-1 14-09-2026', '0142-0001 31-02-2026', '0000-0001 14-09-2026', `${text} x`])
    expect(() => externalOriginal(bad, TODAY, '')).toThrow(wrong)
})

test('a day of another century names no document: printers report two digits of its year', () => {
  for (const year of ['1926', '2126', '0026', '9926'])
    expect(() => externalOriginal(`0142-0001 14-09-${year}`, TODAY, '')).toThrow(wrong)
})

test.each([
  ['POS 24-11-2026', 'POS', '2026-11-24'],
  ['VR', 'VR', TODAY],
  ['ND 24-11-2026', 'ND', '2026-11-24'],
])('an external reference "%s" is evidence with its day, or that of the operation', (text, evidence, date) => {
  expect(externalOriginal(text, TODAY, '')).toEqual({ evidence, date })
})

test('rates are those of Italy, and nothing is untaxed without a natura', () => {
  expect(knowsRate('0.220', undefined, '2026-11-20')).toBe(true)
  expect(knowsRate('0.05', undefined, '2015-12-31')).toBe(false)
  expect(knowsRate('0', 'N2.1', '2026-11-20')).toBe(true)
  expect(knowsRate('0', 'VI', '2026-11-20')).toBe(true)
  expect(knowsRate('0', undefined, '2026-11-20')).toBe(false)
  expect(knowsRate('0.22', 'N4', '2026-11-20')).toBe(false)
})

test('a time of the printer is Rome’s: summer, winter, the hour that comes twice and the one that never comes', () => {
  expect(instantOf('2026-09-14T10:00:00')).toBe('2026-09-14T08:00:00.000Z')
  expect(instantOf('2026-11-20T10:00')).toBe('2026-11-20T09:00:00.000Z')
  expect(instantOf('2026-10-25T02:30:00')).toBe('2026-10-25T01:30:00.000Z')
  expect(instantOf('2026-10-25T02:30:00', '2026-10-25T00:30:07.000Z')).toBe('2026-10-25T00:30:00.000Z')
  expect(instantOf('2026-10-25T02:30:00', '2026-10-25T01:30:07.000Z')).toBe('2026-10-25T01:30:00.000Z')
  expect(instantOf('2026-03-29T02:30:00')).toBeUndefined()
  expect(instantOf(undefined)).toBeUndefined()
})
