import type { ErrorCode } from '../../../agent/errors.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Call, Client, Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, goods, order, pay } from '../goods.ts'

export let bench: Bench
export let shop: Register
export let closed: Register
export let retired: Register
export let saleId = ''
export let doneId = ''
/** Of a sale of 1.00 on account. */
export let claimId = ''

export async function openRefusing(): Promise<void> {
  bench = await Bench.open()
  const { locationId } = await bench.shop()
  shop = await bench.register(locationId)
  closed = await bench.register(locationId)
  retired = await bench.register(locationId)
  await bench.office.post(`/v1/registers/${retired.id}/decommission`, {}, 200)
  await shop.till.create(event('session_open', shop.id, { opening_balance_amount: '50.00' }))
  saleId = (await shop.till.create(goods('sale', shop.id, [['1.00', '0.07']]))).id
  const done = await shop.till.create(goods('sale', shop.id, [['1.00', '0.07']]))
  doneId = (await shop.till.complete(done, [pay('cash', '1.00')])).id
  const owed = await shop.till.create(goods('sale', shop.id, [['1.00', '0.07']]))
  claimId = (await shop.till.complete(owed, [pay('on_account', '1.00')], STAFF)).id
}

export const STAFF = { customer: { id: '7' } }

export type Row = [code: ErrorCode, what: string, call: () => Call, details?: Members, client?: () => Client]

export function operation(body: unknown, more: Partial<Call> = {}): Call {
  return { path: '/v1/operations', body, ...more }
}

export function sale(more: Members = {}): Members {
  return goods('sale', shop.id, [['1.00', '0.07']], more)
}

export function line(more: Members): Call {
  return operation(goods('sale', shop.id, [['1.00', '0.07', more]]))
}

export function complete(payments: Members[], more: Partial<Call> = {}): Call {
  return { ...completion({ id: saleId }, payments), ...more }
}

export function office(): Client {
  return bench.office
}

export function tax(rate: string, tax_amount: string, more: Members = {}) {
  return [{ name: 'USt', rate, tax_amount, ...more }]
}

export const LINE = goods('sale', '', [['1.00', '0.07']])['line_items'] as readonly [Members]

export function ordered(more: Members = {}): Call {
  return operation(order(shop.id, [['1.00', '0.07']], more))
}

export function orderedLine(more: Members): Call {
  return operation(order(shop.id, [['1.00', '0.07', more]]))
}

export const NAMED = { order_line_id: 'li_unknown' }
export const LINE_1 = '/line_items/1/total_amount'
export const EMPTIES = { type: 'container_deposit' }
export const INVOICE = { kind: 'invoice', external_operation_id: '4711' }

export function moved(more: Members): Call {
  return operation(
    event('order_move', shop.id, { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 8', ...more }),
  )
}

export function transfer(more: Members = {}): Members {
  return goods('transfer', shop.id, [['1.00', '0.07']], more)
}
