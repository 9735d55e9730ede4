import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { receivable } from '../germany/on-account.ts'
import { voucher } from '../germany/single-purpose.ts'
import { goods, goodsOf, pay } from '../goods.ts'
import { receiptOf } from './shop.ts'

type Lines = Parameters<typeof goods>[2]
/** A case of a market stall: its lines, how it is paid, and fields 5 to 9 of its code. */
export type Case = {
  readonly lines: Lines
  readonly payments: readonly Members[]
  readonly more?: Members
  readonly fields: string
}

export const CUSTOMER = { customer: { name: 'Gasthof Post', id: 'K-7' } }
export const CUP = {
  type: 'container_deposit',
  sku_identifier: 'cup',
  title: 'Becher',
  quantity: -1,
  unit_price: '2.50',
}
export const INVOICE = { external_related_operation: { external_operation_id: 'RE-4711', kind: 'invoice' } }

/** The five cases; `number`: of the voucher that the second sells and the third redeems. */
export function cases(number: string): Readonly<Record<'A1' | 'A2' | 'A3' | 'A4' | 'A5', Case>> {
  return {
    A1: {
      lines: [
        ['10.00', '0.20'],
        ['-2.50', '0', CUP],
      ],
      payments: [pay('cash', '7.50')],
      fields: '10,00 0,00 0,00 -2,50 0,00',
    },
    A2: {
      lines: [voucher('50.00', '0.20', number)],
      payments: [pay('cash', '50.00')],
      fields: '50,00 0,00 0,00 0,00 0,00',
    },
    A3: {
      lines: [['50.00', '0.20'], voucher('-50.00', '0.20', number)],
      payments: [pay('cash', '0.00')],
      fields: '0,00 0,00 0,00 0,00 0,00',
    },
    A4: {
      lines: [receivable('120.00', INVOICE)],
      payments: [pay('cash', '120.00')],
      fields: '0,00 0,00 0,00 120,00 0,00',
    },
    A5: {
      lines: [['10.00', '0.10']],
      payments: [pay('card', '11.50')],
      more: { tip_amount: '1.50' },
      fields: '0,00 10,00 0,00 1,50 0,00',
    },
  }
}

export async function play({ id, till }: Register, { lines, payments, more }: Case): Promise<Operation> {
  return till.complete(await till.create(goods('sale', id, lines)), payments, more)
}

/** The same, begun with nothing and with its goods in the completion; `between`: after the begin. */
export async function playLate(
  { id, till }: Register,
  { lines, payments, more }: Case,
  between: () => Promise<void>,
): Promise<Operation> {
  const open = await till.create(goods('sale', id, []))
  await between()
  const call = completion(open, payments, goodsOf(goods('sale', id, lines, more)))
  const { status, text } = await till.call(call)
  if (status !== 200) throw new Error(text)
  return till.read(open.id)
}

/** Fields 5 to 9 of the code. */
export function fields(done: Operation): string {
  return receiptOf(done).machine_code.split('_').slice(5, 10).join(' ')
}

/** A sale at 20 % of which nothing is paid. */
export async function onAccount({ id, till }: Register, amount: string, more: Members = {}): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, '0.20']], more))
  return till.complete(open, [pay('on_account', amount)], CUSTOMER)
}
