import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { goods, pay } from '../goods.ts'

export const CUSTOMER = { customer: { name: 'Gasthaus Krone', id: 'K-7' } }

/** A sale at 19 % of which nothing is paid. */
export async function onAccount({ id, till }: Register, amount: string, more: Members = {}): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, '0.19']]))
  return till.complete(open, [pay('on_account', amount, more)], CUSTOMER)
}

/** A line that pays for a claim; negative the payment is given back. */
export function receivable(amount: string, more: Members): [string, string, Members] {
  const taxes = [{ name: 'ohne USt', rate: '0', tax_amount: '0.00' }]
  return [amount, '0', { type: 'receivable', title: 'Forderung', sku_identifier: 'F', taxes, ...more }]
}
