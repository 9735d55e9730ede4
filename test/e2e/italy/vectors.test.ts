import { expect, test } from 'vitest'
import { auditedBy } from '../../cli/audited.ts'
import { heavy } from '../../tags.ts'
import type { Members } from '../client.ts'
import { pay } from '../goods.ts'
import { closeExpected } from '../shift.ts'
import { closed, movement } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

type Lines = Parameters<typeof movement>[2]

const WATER = { title: 'ACQUA', amount: '12.97', rate: '0.10' }
const GIFT = { title: 'BISCOTTI', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00', quantity: 1 } }
const CLAIM = { description: 'Fattura', external_operation_id: 'RE-4711', kind: 'invoice' }
/** A day of a shop: what is sold, how it is paid, and the commands of an RCH printer. */
const DAY: readonly (readonly [
  name: string,
  lines: Lines,
  payments: readonly Members[],
  commands: readonly string[],
])[] = [
  [
    'rounded down',
    [WATER],
    [pay('cash', '12.95'), pay('rounding', '0.02')],
    ['=R2/$1297/*1/(ACQUA)', '=T9/$2', '=T1/$1295'],
  ],
  [
    'services not collected',
    [WATER],
    [pay('other', '12.97', { tender: 'non_riscosso_servizi' })],
    ['=R2/$1297/*1/(ACQUA)', '=T6/$1297'],
  ],
  [
    'meal vouchers',
    [{ ...WATER, amount: '40.00' }],
    [pay('voucher', '40.00', { count: 5 })],
    ['=R2/$4000/*1/(ACQUA)', '=T5/$4000/&5'],
  ],
  [
    'on the house',
    [{ title: 'CAFFE', amount: '5.00' }, GIFT],
    [pay('cash', '5.00')],
    ['=R1/$500/*1/(CAFFE)', '=R1/$300/*1/(BISCOTTI)', '=R1/$300/&1/(OMAGGIO)', '=T1/$500'],
  ],
]
const ROUNDED_UP: Lines = [{ ...WATER, amount: '12.98' }]

async function sold({ register }: Trade, lines: Lines, payments: readonly Members[]): Promise<void> {
  await register.till.complete(await register.till.create(movement('sale', register, lines)), payments)
}

async function paymentsIn({ register }: Trade): Promise<unknown> {
  return ((await closed(register))['totals'] as Members)['payments']
}

test.each(FAMILIES)(
  '%s: a day of each class closes with those of its paper, and the audit finds nothing',
  heavy(),
  (family) =>
    atPrinter(family, async (trade) => {
      for (const [name, lines, payments, commands] of DAY) {
        await sold(trade, lines, payments)
        if (family === 'rch') expect([name, ...(trade.sent().at(-1) ?? [])]).toEqual([name, ...commands])
      }
      expect(await paymentsIn(trade)).toEqual([
        { name: 'Contanti', amount: '17.95' },
        { name: 'Non riscosso servizi', amount: '12.97' },
        { name: 'Sconto a pagare', amount: '0.02' },
        { name: 'Tickets', amount: '40.00', count: 5 },
      ])
      await sold(trade, ROUNDED_UP, [pay('cash', '20.00'), pay('cash', '-7.00'), pay('rounding', '-0.02')])
      if (family === 'rch')
        expect(trade.sent().at(-1)).toEqual(['=R2/$1298/*1/(ACQUA)', '=R6/$2/*1/(ARROTONDAMENTO)', '=T1/$2000'])
      const claim = { type: 'receivable', external_related_operation: CLAIM }
      await sold(trade, [{ title: 'INCASSO', amount: '120.00', rate: '0', more: claim }], [pay('card', '120.00')])
      expect(await paymentsIn(trade)).toEqual([{ name: 'Contanti', amount: '13.00' }])
      expect(await trade.findings()).toEqual([])
      await closeExpected(trade.register)
      const { parts, report } = await auditedBy(trade.bench, {
        devices: trade.bench.config.devices as unknown as Members[],
      })
      expect(
        parts.filter(({ valid }) => !valid),
        report,
      ).toEqual([])
    }),
)
