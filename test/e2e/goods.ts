import type { Client, Members } from './client.ts'

type LineAmount = readonly [amount: string, rate: string, more?: Members]

let serial = 0

function cents(amount: string): number {
  return Math.round(Number(amount) * 100)
}

function euros(value: number): string {
  return (value / 100).toFixed(2).replace('-0.00', '0.00')
}

function taxCents(amount: string, rate: string): number {
  const exact = (cents(amount) * Number(rate)) / (1 + Number(rate))
  return Math.sign(exact) * Math.round(Math.abs(exact))
}

function lineItem([amount, rate, more]: LineAmount): Members {
  return {
    sku_identifier: `sku-${rate}`,
    title: 'Ware',
    quantity: 1,
    unit_price: amount,
    total_amount: amount,
    taxes: [{ name: `USt ${rate}`, rate, tax_amount: euros(taxCents(amount, rate)) }],
    ...more,
  }
}

/** A goods movement whose amounts add up. Each line: gross amount, rate, other members. */
export function goods(
  type: 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture' | 'transfer' | 'employee_benefit',
  registerId: string | null,
  lines: readonly LineAmount[],
  more: Members & { tip_amount?: string } = {},
): Members {
  const tip = cents(more.tip_amount ?? '0.00')
  const total = lines.reduce((sum, [amount]) => sum + cents(amount), tip)
  const tax = lines.reduce((sum, [amount, rate]) => sum + taxCents(amount, rate), 0)
  return {
    type,
    source: registerId === null ? 'ONLINE' : 'POS',
    ...(registerId !== null && { register_id: registerId }),
    currency: 'EUR',
    pretax_amount: euros(total - tax - tip),
    tax_amount: euros(tax),
    tip_amount: '0.00',
    total_amount: euros(total),
    line_items: lines.map(lineItem),
    ...more,
  }
}

/** The members of it that an amendment or a completion replaces. */
export function goodsOf({ line_items, pretax_amount, tax_amount, tip_amount, total_amount }: Members): Members {
  return { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
}

/** An order of a table; its amounts are those of its lines. */
export function order(registerId: string, lines: readonly LineAmount[], more: Members = {}): Members {
  return {
    type: 'order',
    register_id: registerId,
    currency: 'EUR',
    allocation_group: 'Tisch 7',
    line_items: lines.map(lineItem),
    ...more,
  }
}

/** A captured payment. */
export function pay(method: string, amount: string, more: Members = {}): Members {
  serial += 1
  return { payment_id: `pay-${serial}`, method, status: 'captured', amount, currency: 'EUR', ...more }
}

/** A session event of a register. */
export function event(type: string, registerId: string, more: Members): Members {
  return { type, register_id: registerId, currency: 'EUR', ...more }
}

/** The reference of an exchange or return whose original is not ours. */
export const elsewhere: Members = {
  external_related_operation: { description: 'Bon of the old till', external_operation_id: 'old-4711' },
}

/** A goods movement, completed in cash. */
export async function trade(
  { id, till }: { id: string; till: Client },
  type: Parameters<typeof goods>[0],
  lines: readonly LineAmount[],
  more: Members = {},
) {
  const body = goods(type, id, lines, more)
  return till.complete(await till.create(body), [pay('cash', String(body['total_amount']))])
}

/** A sale at 7 %, completed in cash. */
export async function sell({ id, till }: { id: string; till: Client }, amount: string) {
  const open = await till.create(goods('sale', id, [[amount, '0.07']]))
  return till.complete(open, [pay('cash', amount)])
}
