import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

/** Foreign cash: amount in its currency, and its value in euro. */
export function francs(amount: string, base: string, more: Members = {}): Members {
  return pay('cash', amount, { currency: 'CHF', base_amount: base, payment_id: `chf ${amount} ${base}`, ...more })
}

/** 15.00 at 19 %, paid with 20 francs of 18.60; 3.60 are given back. */
export async function frankSale({ id, till }: Register): Promise<Operation> {
  const open = await till.create(goods('sale', id, [['15.00', '0.19']]))
  return till.complete(open, [francs('20.00', '18.60'), pay('cash', '-3.60')])
}

export function count({ id, till }: Register, amount: string, foreign?: readonly Members[], more: Members = {}) {
  const list = foreign && { foreign_cash: foreign }
  return till.create(event('session_cash_count', id, { counted_closing_amount: amount, ...list, ...more }))
}

export function countedFrancs(amount: string, more: Members = {}): Members {
  return { currency: 'CHF', counted_amount: amount, ...more }
}
