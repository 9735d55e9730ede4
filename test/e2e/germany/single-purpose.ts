import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { goods, pay } from '../goods.ts'

/** A line of a voucher of one purpose; negative it is redeemed, or given back. */
export function voucher(amount: string, rate = '0.19', number = 'EZ-1', more: Members = {}) {
  const back = amount.startsWith('-') && { quantity: -1, unit_price: amount.slice(1) }
  const type = { type: 'single_purpose_voucher', gift_card_id: number, sku_identifier: 'EZ', title: 'Massage' }
  return [amount, rate, { ...type, ...back, ...more }] as const
}

/** The sale of a voucher for cash. */
export async function sellVoucher(
  { id, till }: Register,
  amount: string,
  rate = '0.19',
  number = 'EZ-1',
  more: Members = {},
): Promise<Operation> {
  const open = await till.create(goods('sale', id, [voucher(amount, rate, number)], more))
  return till.complete(open, [pay('cash', amount)])
}

/** A sale of goods, a part of which is paid with the voucher, that is not completed yet. */
export function redeeming(
  { id }: Register,
  [price, redeemed]: readonly [price: string, redeemed: string],
  rate = '0.19',
  number = 'EZ-1',
  more: Members = {},
): Members {
  return goods('sale', id, [[price, rate], voucher(`-${redeemed}`, rate, number)], more)
}

export async function redeemVoucher(
  register: Register,
  amounts: readonly [price: string, redeemed: string],
  rate = '0.19',
  number = 'EZ-1',
): Promise<Operation> {
  const body = redeeming(register, amounts, rate, number)
  const open = await register.till.create(body)
  return register.till.complete(open, [pay('card', String(body['total_amount']))])
}

export function beyond(left: string, wanted: string): Members {
  return { status: 422, code: 'amount_exceeded', details: { left, wanted } }
}
