import type { CreateGoods } from '../contract/goods.ts'
import { unprocessable } from '../errors.ts'
import { isMinus } from './amounts.ts'

type Line = CreateGoods['line_items'][number]

/** Throws `unprocessable_entity` for an `order_line_id` on a line that neither cancels nor settles an order. */
export function checkOrderLineId(request: CreateGoods, { quantity }: Line, index: number): void {
  const reason = reasonAgainst(request, isMinus(String(quantity)))
  if (reason === undefined) return
  const message = `The order_line_id of line ${index} settles nothing: ${reason}.`
  throw unprocessable(message, `/line_items/${index}/order_line_id`)
}

function reasonAgainst(request: CreateGoods, isNegative: boolean): string | undefined {
  switch (request.type) {
    case 'order':
      return isNegative ? undefined : 'in an order it names what a negative quantity cancels'
    case 'sale':
    case 'transfer':
    case 'employee_benefit':
      if (request.allocation_group === undefined) return 'the bill has no allocation_group'
      return isNegative ? 'its quantity is negative' : undefined
    case 'return':
    case 'exchange':
    case 'deposit':
    case 'deposit_capture':
      return `a ${request.type} settles no order`
    default:
      return request satisfies never
  }
}
