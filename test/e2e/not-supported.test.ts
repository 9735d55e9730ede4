import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MEMBERS as AUSTRIA } from '../../agent/laws/austria/members.ts'
import { MEMBERS as ITALY } from '../../agent/laws/italy/members.ts'
import type { LawMember, LawMembers } from '../../agent/register/law-members.ts'
import { ONLINE_MEMBERS } from '../../agent/register/law-members.ts'
import { RATE } from '../laws/ruritania/facts.ts'
import { MEMBERS as RURITANIA } from '../laws/ruritania/members.ts'
import { ruritanianBench, ruritanianTill } from '../laws/ruritania/shop.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Call, Client, Members } from './client.ts'
import { amending, completion } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'

/** A register, or null for operations without one; with a rate of its law and a sale to refer to. */
type Place = { id: string | null; till: Client; rate: string; soldId: string; openId: string; law: LawMembers }
/** A request that uses the member, and the place in it that the refusal names; `named`: the member there, by its value. */
type Sample = (place: Place) => { body: Members; pointer: string; path?: string; method?: 'PATCH'; named?: string }

function sale({ id, rate }: Place, amount: string, line: Members, more: Members = {}): Members {
  return goods(
    'sale',
    id,
    [
      ['10.00', rate],
      [amount, rate, line],
    ],
    more,
  )
}

function unpaid(type: string, { id, rate }: Place): Members {
  const { source: _, ...order } = goods('sale', id ?? 'reg_none', [['1.00', rate]])
  return { ...order, type, allocation_group: 'Tisch 7', customer: { name: 'Anna' } }
}

/** Their requests have no source ONLINE at all: they happen at a register. */
const AT_REGISTERS: readonly string[] = ['order', 'transfer', 'employee_benefit', 'order_move']

/** A member without a sample does not compile. */
const SAMPLES: { readonly [Member in LawMember]: Sample } = {
  order: (place) => ({ body: unpaid('order', place), pointer: '/type' }),
  transfer: (place) => ({ body: unpaid('transfer', place), pointer: '/type' }),
  employee_benefit: (place) => ({ body: unpaid('employee_benefit', place), pointer: '/type' }),
  order_move: ({ id }) => ({
    body: event('order_move', id ?? 'reg_none', { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 8' }),
    pointer: '/type',
  }),
  allocation_group: (place) => ({
    body: sale(place, '1.00', {}, { allocation_group: 'Tisch 7' }),
    pointer: '/allocation_group',
  }),
  terminal: (place) => ({ body: sale(place, '1.00', {}, { terminal_id: 'Handgerät 1' }), pointer: '/terminal_id' }),
  agency: (place) => ({
    body: sale(place, '1.00', { agency_id: 1 }),
    pointer: '/line_items/1/agency_id',
  }),
  in_house: (place) => ({ body: sale(place, '1.00', { in_house: true }), pointer: '/line_items/1/in_house' }),
  department: (place) => ({
    body: sale(place, '1.00', { department: 'servizi' }),
    pointer: '/line_items/1/department',
  }),
  order_line: (place) => ({
    body: sale(place, '1.00', { order_line_id: 'li_1' }),
    pointer: '/line_items/1/order_line_id',
  }),
  line_reference: (place) => ({
    body: sale(place, '1.00', { related_operation_id: place.soldId }),
    pointer: '/line_items/1/related_operation_id',
  }),
  reference_kind: ({ id, rate }) => ({
    body: goods('return', id, [['-1.00', rate]], {
      external_related_operation: { external_operation_id: 'RE-1', kind: 'invoice' },
    }),
    pointer: '/external_related_operation/kind',
  }),
  minus_line: (place) => ({
    body: sale(place, '-10.00', { quantity: -1, unit_price: '10.00' }),
    pointer: '/line_items/1/total_amount',
  }),
  empties_alone: ({ id, rate }) => ({
    body: goods('return', id, [['-1.00', rate, { type: 'container_deposit' }]]),
    pointer: '/related_operation_id',
  }),
  tip_to_owner: ({ id, openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    body: {
      payments: [pay(id === null ? 'card' : 'cash', '11.00')],
      tip_amount: '1.00',
      tip_recipient: 'owner',
    },
    pointer: '/tip_recipient',
  }),
  on_account: ({ openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    // Without the customer that it needs: the operation stays open.
    body: { payments: [pay('on_account', '10.00')] },
    pointer: '/payments/0/method',
    named: 'on_account',
  }),
  receivable: (place) => ({
    body: sale(place, '1.00', { type: 'receivable', taxes: [{ name: 'USt', rate: '0', tax_amount: '0.00' }] }),
    pointer: '/line_items/1/type',
    named: 'receivable',
  }),
  single_purpose_voucher: (place) => ({
    body: sale(place, '1.00', { type: 'single_purpose_voucher', gift_card_id: 'EZ-1' }),
    pointer: '/line_items/1/type',
    named: 'single_purpose_voucher',
  }),
  omaggio: (place) => ({
    body: sale(place, '0.00', { type: 'omaggio', unit_price: '3.00' }),
    pointer: '/line_items/1/type',
    named: 'omaggio',
  }),
  foreign_cash: ({ openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    body: { payments: [pay('cash', '10.00', { currency: 'CHF', base_amount: '10.00' })] },
    pointer: '/payments/0/base_amount',
  }),
  tender: ({ id, openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    // A class of the other method: the operation stays open.
    body: { payments: [pay(id === null ? 'card' : 'cash', '10.00', { tender: 'ticket' })] },
    pointer: '/payments/0/tender',
  }),
  ticket_count: ({ id, openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    body: { payments: [pay(id === null ? 'card' : 'cash', '10.00', { count: 2 })] },
    pointer: '/payments/0/count',
  }),
  rounding: ({ openId }) => ({
    path: `/v1/operations/${openId}/complete`,
    // Cash that is not a multiple of 5 cents: the operation stays open.
    body: { payments: [pay('rounding', '0.02'), pay('cash', '9.98')] },
    pointer: '/payments/0/method',
    named: 'rounding',
  }),
}

const PLACES = ['Austria', 'Italy', 'Ruritania', 'ONLINE'] as const
const places = new Map<string, Place>()
const benches: Bench[] = []

async function opened(bench: Bench): Promise<Bench> {
  benches.push(bench)
  return bench
}

beforeAll(async () => {
  const austria = await opened(await Bench.open({ config: ONE_CARD }))
  const italy = await opened(await Bench.open({ config: ONE_PRINTER }))
  const ruritania = await opened(await ruritanianBench())
  const at = { ...(await austrianTill(austria)), rate: '0.20', law: AUSTRIA }
  const it = { ...(await italianTill(italy)), rate: '0.22', law: ITALY }
  const rur = { ...(await ruritanianTill(ruritania)), rate: RATE, law: RURITANIA }
  for (const [name, place] of [
    ['Austria', at],
    ['Italy', it],
    ['Ruritania', rur],
  ] as const) {
    const open = await place.till.create(goods('sale', place.id, [['10.00', place.rate]]))
    const { id: soldId } = await place.till.complete(open, [pay('cash', '10.00')])
    const { id: openId } = await place.till.create(goods('sale', place.id, [['10.00', place.rate]]))
    places.set(name, { ...place, soldId, openId })
  }
  const { office } = austria
  const { id: openId } = await office.create(goods('sale', null, [['10.00', '0.20']]))
  places.set('ONLINE', { id: null, till: office, rate: '0.20', law: ONLINE_MEMBERS, soldId: 'op_none', openId })
})
afterAll(async () => {
  for (const bench of benches) await bench[Symbol.asyncDispose]()
})

function placeOf(name: string): Place {
  const place = places.get(name)
  if (place === undefined) throw new Error(name)
  return place
}

function lacks({ law }: Place, member: string): boolean {
  try {
    law.require(member as LawMember, '')
    return false
  } catch {
    return true
  }
}

function refusal(pointer: string, member = pointer.slice(pointer.lastIndexOf('/') + 1)): Members {
  return { status: 422, code: 'not_supported_by_law', fiscal_effect: 'none', details: { member, pointer } }
}

describe.each(PLACES)('%s', (name) => {
  test.each(Object.entries(SAMPLES))('answers for %s where it is sent', async (member, sample) => {
    const place = placeOf(name)
    const { body, pointer, path, named } = sample(place)
    const call: Call = {
      path: path ?? '/v1/operations',
      body,
      key: `${name}-${member}`,
      ...(path !== undefined && { ifMatch: 1 }),
    }
    if (place.id === null && AT_REGISTERS.includes(member)) {
      const online = { ...call, body: { ...body, source: 'ONLINE' } }
      expect(await place.till.refused(online)).toMatchObject({ status: 400, code: 'invalid_request' })
    } else if (lacks(place, member)) expect(await place.till.refused(call)).toMatchObject(refusal(pointer, named))
    else expect((await place.till.call(call)).json['code']).not.toBe('not_supported_by_law')
  })

  test.each(['allocation_group', 'terminal', 'order_line', 'line_reference', 'minus_line'] as const)(
    'answers for %s in an amendment and in the goods of a completion',
    async (member) => {
      const place = placeOf(name)
      const open = await place.till.create(goods('sale', place.id, [['10.00', place.rate]]))
      const { body, pointer } = SAMPLES[member](place)
      const { line_items, pretax_amount, tax_amount, tip_amount, total_amount, allocation_group, terminal_id } = body
      const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
      // Left out of the JSON where the sample has neither.
      const amended = amending(open, { ...last, allocation_group, terminal_id })
      if (!lacks(place, member)) {
        expect((await place.till.call(amended)).json['code']).not.toBe('not_supported_by_law')
        return
      }
      expect(await place.till.refused(amended)).toMatchObject(refusal(pointer))
      if (member === 'allocation_group' || member === 'terminal') return
      const method = place.id === null ? 'card' : 'cash'
      const completed = completion(open, [pay(method, String(total_amount))], last)
      expect(await place.till.refused(completed)).toMatchObject(refusal(pointer))
      expect(await place.till.read(open.id)).toMatchObject({ status: 'open', resource_version: 1 })
    },
  )
})

test('a form that no law has, and one that each law has, are answered as before', async () => {
  const place = placeOf('Italy')
  const back = goods('return', place.id, [['-1.00', place.rate]])
  expect((await place.till.refused({ path: '/v1/operations', body: back, key: 'a' })).code).toBe('unprocessable_entity')
  const uncovered = sale(place, '-1.00', { quantity: -1, unit_price: '1.00', sku_identifier: 'other' })
  expect((await place.till.refused({ path: '/v1/operations', body: uncovered, key: 'b' })).code).toBe(
    'unprocessable_entity',
  )
  const exchange = goods('exchange', place.id, [['-1.00', place.rate]], elsewhere)
  expect((await place.till.call({ path: '/v1/operations', body: exchange, key: 'c' })).json['code']).not.toBe(
    'not_supported_by_law',
  )
})
