// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../../today.ts'
import type { Members } from '../client.ts'
import { pay } from '../goods.ts'
import { closed, movement } from './shop.ts'
import { atPrinter, FAMILIES } from './trade.ts'

// Vectors I1 to I7 and I9 to I11 of the daily trade, one after the other on one day.

type Vector = {
  readonly name: string
  readonly kind?: 'return'
  readonly lines: Parameters<typeof movement>[2]
  readonly payments: readonly Members[]
  readonly more?: Members
  /** The commands of each document to an RCH printer. */
  readonly rch: readonly (readonly string[])[]
}

const WATER = { title: 'ACQUA', rate: '0.10' }
const CUP = { title: 'TAZZA', amount: '-5.00' }
const COFFEE = { sku_identifier: 'caffe', unit_price: '2.00' }
const [YEAR = '', MONTH = '', DAY = ''] = today().split('-')

function on(text: string): Members {
  return { external_related_operation: { description: 'x', external_operation_id: text } }
}

const VECTORS: readonly Vector[] = [
  {
    name: 'I1',
    lines: [{ ...WATER, amount: '12.97' }],
    payments: [pay('cash', '12.95'), pay('rounding', '0.02')],
    rch: [['=R2/$1297/*1/(ACQUA)', '=T9/$2', '=T1/$1295']],
  },
  {
    name: 'I2',
    lines: [{ title: 'TAGLIO', amount: '12.97', more: { department: 'servizi' } }],
    payments: [pay('other', '12.97', { tender: 'non_riscosso_servizi' })],
    rch: [['=R12/$1297/*1/(TAGLIO)', '=T6/$1297']],
  },
  {
    name: 'I3',
    lines: [{ title: 'PRANZO', amount: '40.00', rate: '0.10' }],
    payments: [pay('voucher', '40.00', { count: 5 })],
    rch: [['=R2/$4000/*1/(PRANZO)', '=T5/$4000/&5']],
  },
  {
    name: 'I4',
    lines: [
      { title: 'CAFFE', amount: '5.00' },
      { title: 'BISCOTTI', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00' } },
    ],
    payments: [pay('cash', '5.00')],
    rch: [['=R1/$500/*1/(CAFFE)', '=R1/$300/*1/(BISCOTTI)', '=R1/$300/&1/(OMAGGIO)', '=T1/$500']],
  },
  {
    name: 'I5',
    lines: [
      { title: 'SHAMPOO', amount: '12.00' },
      { title: 'TAGLIO', amount: '8.00', more: { department: 'servizi' } },
    ],
    payments: [pay('cash', '20.00')],
    rch: [['=R1/$1200/*1/(SHAMPOO)', '=R12/$800/*1/(TAGLIO)', '=T1/$2000']],
  },
  {
    name: 'I6',
    kind: 'return',
    lines: [CUP],
    payments: [pay('cash', '-5.00')],
    more: on('POS 24-11-2026'),
    rch: [['=r/&241126/[0/]0/(POS)', '=R1/$500/*1/(TAZZA)', '=T1/$500']],
  },
  {
    name: 'I7',
    kind: 'return',
    lines: [CUP],
    payments: [pay('cash', '-5.00')],
    more: { ...on('0007-0012 24-11-2026 72IV6000009'), customer: { lottery_code: 'ABCD1234' } },
    rch: [['=r/&241126/[7/]12/(72IV6000009)', '=R1/$500/*1/(TAZZA)', '="/?L/$1/(ABCD1234)', '=T1/$500']],
  },
  {
    name: 'I9',
    lines: [{ ...WATER, amount: '12.98' }],
    payments: [pay('cash', '20.00'), pay('cash', '-7.00'), pay('rounding', '-0.02')],
    rch: [['=R2/$1298/*1/(ACQUA)', '=R6/$2/*1/(ARROTONDAMENTO)', '=T1/$2000']],
  },
  {
    name: 'I10',
    lines: [
      { title: 'CAFFE', amount: '4.00', more: { ...COFFEE, quantity: 2 } },
      { title: 'CAFFE', amount: '-2.00', more: { ...COFFEE, quantity: -1 } },
    ],
    payments: [pay('cash', '2.00')],
    rch: [['=R1/$200/*2/(CAFFE)', '=V-/*200/(STORNO CAFFE)', '=T1/$200']],
  },
  {
    name: 'I11',
    lines: [
      { title: 'VINO', amount: '1.00' },
      { title: 'VUOTI', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } },
    ],
    payments: [pay('cash', '-1.50')],
    rch: [
      [`=r/&${DAY}${MONTH}${YEAR.slice(2)}/[0/]0/(VR)`, '=R5/$250/*1/(VUOTI)', '=T1/$150', '=T1/$100'],
      ['=R1/$100/*1/(VINO)', '=T1/$100'],
    ],
  },
]

test.each(FAMILIES)(
  '%s: a day with every vector closes with the classes of its paper, and nothing is found in it',
  (family) =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      for (const { name, kind = 'sale', lines, payments, more } of VECTORS) {
        const open = await register.till.create(movement(kind, register, lines, more))
        expect(await register.till.complete(open, payments), name).toMatchObject({ status: 'completed' })
      }
      if (family === 'rch') expect(trade.sent()).toEqual(VECTORS.flatMap(({ rch }) => rch))
      const totals = (await closed(register))['totals'] as Members
      expect(totals).toMatchObject({
        vat: [
          { name: 'IVA 10 %', amount: '65.95' },
          { name: 'IVA 22 %', amount: '13.00' },
          { name: 'IVA 22 % servizi', amount: '20.97' },
          { name: 'N1', amount: '-2.50' },
          { name: 'N2', amount: '0.02' },
        ],
        payments: [
          { name: 'Contanti', amount: '41.45' },
          { name: 'Non riscosso servizi', amount: '12.97' },
          { name: 'Sconto a pagare', amount: '0.02' },
          { name: 'Tickets', amount: '40.00', count: 5 },
        ],
        business_cases: [
          { name: 'Vendite', amount: '106.94' },
          { name: 'Resi', amount: '-12.50' },
          { name: 'Annulli', amount: '0.00' },
          { name: 'Omaggi', amount: '3.00' },
        ],
      })
      expect(await trade.findings()).toEqual([])
    }),
)

test.each(FAMILIES)('%s: cash for a sale with empties is rounded on the document that is paid', (family) =>
  atPrinter(family, async (trade) => {
    const { register } = trade
    const empties = { title: 'VUOTI', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
    for (const [amount, payments] of [
      ['10.02', [pay('cash', '7.50'), pay('rounding', '0.02')]],
      ['10.03', [pay('cash', '7.55'), pay('rounding', '-0.02')]],
      ['1.02', [pay('cash', '-1.50'), pay('rounding', '0.02')]],
      ['1.03', [pay('cash', '-1.45'), pay('rounding', '-0.02')]],
    ] as const) {
      const open = await register.till.create(movement('sale', register, [{ ...WATER, amount }, empties]))
      expect(await register.till.complete(open, payments), amount).toMatchObject({ status: 'completed' })
    }
    expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
      ['return', 250],
      ['sale', 1002],
      ['return', 250],
      ['sale', 1005],
      ['return', 252],
      ['sale', 102],
      ['return', 250],
      ['sale', 103],
    ])
    await closed(register)
    expect(await trade.findings()).toEqual([])
  }),
)
