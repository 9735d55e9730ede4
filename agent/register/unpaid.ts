import { toAtoms } from '../../base/money.ts'
import { said } from '../../base/text.ts'
import type { CreateGoods, UnpaidGoods } from '../contract/goods.ts'
import type { KeyOf } from '../contract/operation.ts'
import type { CreateUnpaid } from '../contract/unpaid.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { amountText, isMinus } from './amounts.ts'
import { lineRules } from './line-types.ts'

const ONE = 100_000_000n
/** Digits before the point of an amount in an answer. */
const AMOUNT_LIMIT = 10n ** 9n * ONE

/** Members of goods that a movement without payments does not have. */
type OfSales = 'cart_level_discounts' | 'related_operation_id' | 'related_external_id'

/** The request with the amounts that were left out: those of the lines. Throws `unprocessable_entity`. */
export function wholeUnpaid(request: CreateUnpaid): UnpaidGoods {
  const lines = request.line_items
  const tip = request.tip_amount ?? '0.00'
  const total = request.total_amount ?? sumText(lines.map((line) => line.total_amount).concat(tip))
  const { pretax_amount: pretax } = request
  const tax =
    request.tax_amount ??
    (pretax === undefined
      ? sumText(lines.flatMap(({ taxes }) => taxes.map(({ tax_amount: amount }) => amount)))
      : sumText([total, turned(pretax), turned(tip)]))
  return {
    ...request,
    source: 'POS',
    pretax_amount: pretax ?? sumText([total, turned(tax), turned(tip)]),
    tax_amount: tax,
    tip_amount: tip,
    total_amount: total,
  } satisfies UnpaidGoods & {
    [Name in Exclude<KeyOf<CreateGoods>, KeyOf<CreateUnpaid> | OfSales>]: unknown
  }
}

function sumText(amounts: readonly string[]): string {
  const sum = amounts.reduce((atoms, amount) => atoms + toAtoms(amount), 0n)
  if (sum >= AMOUNT_LIMIT || sum <= -AMOUNT_LIMIT)
    throw unprocessable('The sum of the lines has more than 9 digits: send them in several operations.', '/line_items')
  return amountText(sum)
}

function turned(amount: string): string {
  return isMinus(amount) ? amount.slice(1) : `-${amount}`
}

/**
 * Throws FiskalError for the first rule that only a movement without payments has: goods alone, no tip, signs by the
 * quantity. A benefit has the signs of a sale.
 */
export function checkUnpaid(request: UnpaidGoods): void {
  const { type, tip_amount: tip, customer } = request
  if (toAtoms(tip) !== 0n) throw unprocessable(`The type ${type} has no tip.`, '/tip_amount')
  if (type === 'employee_benefit') requireRecipient(customer)
  for (const [index, line] of request.line_items.entries()) checkLine(type, line, `/line_items/${index}`)
}

/** DSFinV-K 2.2, AVSachbezug: the books name who got it. Throws `customer_required`. */
export function requireRecipient(customer: UnpaidGoods['customer']): void {
  if (said(customer?.name) !== undefined || said(customer?.id) !== undefined) return
  throw new FiskalError('customer_required', 'An employee_benefit needs the name or the id of the member of staff.', {
    pointer: '/customer',
  })
}

function checkLine(type: UnpaidGoods['type'], line: UnpaidGoods['line_items'][number], pointer: string): void {
  if (!lineRules(line.type).inOrder)
    throw unprocessable(`The type ${type} has lines of the types item and container_deposit only.`, `${pointer}/type`)
  if (isMinus(line.unit_price) && toAtoms(line.unit_price) !== 0n)
    throw unprocessable('A unit_price is not negative here: the quantity has the sign.', `${pointer}/unit_price`)
  const total = toAtoms(line.total_amount)
  if (total !== 0n && total < 0n !== isMinus(String(line.quantity)))
    throw unprocessable('The total_amount has the sign of the quantity here.', `${pointer}/total_amount`)
  if (type !== 'order') return
  if (line.taxes.length !== 1) throw unprocessable('A line of an order has exactly one tax.', `${pointer}/taxes`)
  if (line.discounts !== undefined && line.discounts.length > 0)
    throw unprocessable('A line of an order has no discounts: they belong to the bill.', `${pointer}/discounts`)
}
