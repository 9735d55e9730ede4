import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, goods, order, pay } from '../goods.ts'
import type { Line } from './agencies.ts'
import { ticket } from './agencies.ts'
import { coffees, cups } from './tavern.ts'

/** `texts`: what the TSE is asked to sign, in the order of the operations. */
export type Vector = {
  readonly name: string
  readonly texts: readonly string[]
  readonly play: (register: Register) => Promise<readonly Operation[]>
}

const TABLE = { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 12' }
const ORDERED = '2;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99'

function piece(title: string, price: string, rate: string, quantity: number, more: Members = {}): Line {
  const total = (Number(price) * quantity).toFixed(2)
  return [total, rate, { title, sku_identifier: title, unit_price: price, quantity, ...more }]
}

function untaxed(amount: string, code: string): Line {
  return [amount, '0', { taxes: [{ name: code, rate: '0', tax_amount: '0.00', code }] }]
}

/** A claim that is settled. */
function claim(amount: string, more: Members): Line {
  return [amount, '0', { type: 'receivable', title: 'Rechnung', sku_identifier: 'Rechnung', ...more }]
}

async function sold({ id, till }: Register, lines: readonly Line[], payments: readonly Members[], more: Members = {}) {
  const { at_end: atEnd = {}, ...begun } = more
  return till.complete(await till.create(goods('sale', id, lines, begun)), payments, atEnd as Members)
}

/** One sale of lines. `at_end`: members of its completion. */
function sale(
  name: string,
  text: string,
  lines: readonly Line[],
  payments: () => readonly Members[],
  more: Members = {},
): Vector {
  return { name, texts: [text], play: async (register) => [await sold(register, lines, payments(), more)] }
}

async function amended({ id, till }: Register): Promise<Operation> {
  const coffee = piece('Kaffee', '2.80', '0.19', 1)
  const basket = (pretzels: number): Members => {
    const { type, source, register_id, currency, ...body } = goods('sale', id, [
      piece('Brezel', '1.20', '0.07', pretzels),
      coffee,
    ])
    return body
  }
  const open = await till.create({ type: 'sale', source: 'POS', register_id: id, currency: 'EUR', line_items: [] })
  const two = await till.amend(open, basket(2))
  const one = await till.amend(two, basket(1))
  const done = await till.call({ ...completion(open, [pay('cash', '4.00')]), ifMatch: one.resource_version })
  return done.json as Operation
}

/** The cases that the page of the German trade decides, each with the text that is signed. */
export const VECTORS: readonly Vector[] = [
  {
    name: 'begun with nothing, amended twice',
    texts: ['Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Bar'],
    play: async (register) => [await amended(register)],
  },
  {
    name: 'an order, moved to another table and billed there',
    texts: [ORDERED, `Umbuchung;"Tisch 7";"Tisch 12"\r${ORDERED}`, 'Beleg^10.97_0.00_0.00_0.00_0.00^10.97:Unbar'],
    play: async ({ id, till }) => {
      const lines = [cups(2), coffees(1)]
      const ordered = await till.complete(await till.create(order(id, lines)), [])
      const moved = await till.create(event('order_move', id, TABLE))
      const bill = await till.create(goods('sale', id, lines, { allocation_group: 'Tisch 12' }))
      return [ordered, moved, await till.complete(bill, [pay('card', '10.97')])]
    },
  },
  sale(
    'empties with a purchase',
    'Beleg^-3.25_20.00_0.00_0.00_0.00^16.75:Bar',
    [piece('Kiste', '20.00', '0.07', 1), piece('Flasche', '0.25', '0.19', -13, { type: 'container_deposit' })],
    () => [pay('cash', '16.75')],
  ),
  sale(
    'an invoice of the office, paid by card',
    'Beleg^0.00_0.00_0.00_0.00_119.00^119.00:Unbar',
    [claim('119.00', { external_related_operation: { kind: 'invoice', external_operation_id: '4711' } })],
    () => [pay('card', '119.00')],
  ),
  sale(
    'goods in part on account',
    'Beleg^0.00_60.00_0.00_0.00_-35.00^25.00:Bar',
    [['60.00', '0.07']],
    () => [pay('cash', '25.00'), pay('on_account', '35.00')],
    { customer: { name: 'Muster GmbH' } },
  ),
  {
    name: 'two deposits and one final receipt',
    texts: [
      'Beleg^100.00_0.00_0.00_0.00_0.00^100.00:Bar',
      'Beleg^50.00_0.00_0.00_0.00_0.00^50.00:Bar',
      'Beleg^250.00_0.00_0.00_0.00_0.00^250.00:Bar',
    ],
    play: async ({ id, till }) => {
      const paid = async (amount: string): Promise<Operation> => {
        const open = await till.create(goods('deposit', id, [[amount, '0.19', { type: 'deposit' }]]))
        return till.complete(open, [pay('cash', amount)])
      }
      const [first, second] = [await paid('100.00'), await paid('50.00')]
      const capture = goods('deposit_capture', id, [
        ['400.00', '0.19'],
        ['-100.00', '0.19', { type: 'deposit', related_operation_id: first.id }],
        ['-50.00', '0.19', { type: 'deposit', related_operation_id: second.id }],
      ])
      return [first, second, await till.complete(await till.create(capture), [pay('cash', '250.00')])]
    },
  },
  sale(
    'a tip to the staff with the card',
    'Beleg^10.00_0.00_0.00_0.00_1.50^11.50:Unbar',
    [['10.00', '0.19']],
    () => [pay('card', '11.50')],
    { at_end: { tip_amount: '1.50' } },
  ),
  sale(
    'a tip to the owner with the card',
    'Beleg^7.70_14.30_0.00_0.00_0.00^22.00:Unbar',
    [
      ['7.00', '0.19'],
      ['13.00', '0.07'],
    ],
    () => [pay('card', '22.00')],
    { at_end: { tip_amount: '2.00', tip_recipient: 'owner' } },
  ),
  sale(
    'a voucher of one purpose is sold',
    'Beleg^0.00_25.00_0.00_0.00_0.00^25.00:Bar',
    [['25.00', '0.07', { type: 'single_purpose_voucher', gift_card_id: 'E-1' }]],
    () => [pay('cash', '25.00')],
  ),
  sale(
    'a voucher of one purpose is redeemed, and a card pays the rest',
    'Beleg^8.00_0.00_0.00_0.00_0.00^8.00:Unbar',
    [
      ['38.00', '0.19'],
      piece('Gutschein', '30.00', '0.19', -1, { type: 'single_purpose_voucher', gift_card_id: 'E-2' }),
    ],
    () => [pay('card', '8.00')],
  ),
  sale(
    'francs, with the change in euro',
    'Beleg^15.00_0.00_0.00_0.00_0.00^-3.60:Bar_20.00:Bar:CHF',
    [['15.00', '0.19']],
    () => [pay('cash', '20.00', { currency: 'CHF', base_amount: '18.60' }), pay('cash', '-3.60')],
  ),
  sale(
    'a service for which the customer owes the tax',
    'Beleg^0.00_0.00_0.00_0.00_100.00^100.00:Unbar',
    [untaxed('100.00', 'reverse_charge')],
    () => [pay('card', '100.00')],
  ),
  sale(
    'own goods and a ticket of an agency',
    'Beleg^20.00_0.00_0.00_0.00_15.60^35.60:Bar',
    [['20.00', '0.19'], ticket('15.60', 1)],
    () => [pay('cash', '35.60')],
  ),
  {
    name: 'goods that another system bills',
    texts: ['AVTransfer^24.00_6.50_0.00_0.00_-30.50^'],
    play: async ({ id, till }) => {
      const open = await till.create(
        goods('transfer', id, [
          ['24.00', '0.19'],
          ['6.50', '0.07'],
        ]),
      )
      return [await till.complete(open, [])]
    },
  },
]

/** Needs a drawer with 127.50. */
export const MISCOUNT: Vector = {
  name: 'a miscount that is corrected',
  texts: ['Beleg^0.00_0.00_0.00_0.00_1147.50^1147.50:Bar', 'Beleg^0.00_0.00_0.00_0.00_-1147.50^-1147.50:Bar'],
  play: async ({ id, till }) => {
    const first = await till.create(event('session_cash_count', id, { counted_closing_amount: '1275.00' }))
    const again = { counted_closing_amount: '127.50', corrects_operation_id: first.id }
    return [first, await till.create(event('session_cash_count', id, again))]
  },
}
