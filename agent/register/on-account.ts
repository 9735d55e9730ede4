import { toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import type { Payment } from '../contract/payment.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { bearsDiscount } from './cart-discount.ts'
import { isReferenced } from './direction.ts'
import { lineRules } from './line-types.ts'
import { euroCents } from './payments.ts'

/** True for goods that are not paid: the customer owes them (DSFinV-K Anhang C, Forderungsentstehung). */
export function isOnAccount({ method }: Pick<Payment, 'method'>): boolean {
  return method === 'on_account'
}

/** The claim by the payments of an operation, in cents; below 0 if a return takes some of an earlier one back. */
export function onAccountCents(payments: readonly Payment[]): bigint {
  return payments.reduce((sum, payment) => (isOnAccount(payment) ? sum + euroCents(payment) : sum), 0n)
}

type Line = CreateGoods['line_items'][number]

/** The reasons of the rate 0 of a line that settles a claim; the first is meant if it is left out. */
const CLAIM_CODES = ['not_taxable', 'not_determinable'] as const

/**
 * Throws for a line that settles a claim in a way in which none is settled: `unprocessable_entity`, and
 * `tax_rate_not_supported` for any tax, which was due when the goods were supplied.
 */
export function checkSettlementLine(request: CreateGoods, line: Line, index: number): void {
  const { type, line_items: lines, cart_level_discounts: discounts = [] } = request
  const place = `/line_items/${index}`
  if (type !== 'sale' && type !== 'return')
    throw unprocessable(`The type ${type} has no lines of type receivable.`, `${place}/type`)
  if (!isReferenced(line))
    throw unprocessable(
      `Line ${index} needs the related_operation_id or the external_related_operation of its claim.`,
      `${place}/related_operation_id`,
    )
  const cents = toCents(line.total_amount)
  if (type === 'sale' ? cents <= 0n : cents >= 0n)
    throw unprocessable(
      `${place}/total_amount must be ${type === 'sale' ? 'more' : 'less'} than 0: it settles a claim.`,
      `${place}/total_amount`,
    )
  if (line.discounts !== undefined && line.discounts.length > 0)
    throw unprocessable(`Line ${index} settles a claim: it has no discounts.`, `${place}/discounts`)
  if (discounts.length > 0 && !lines.some((one) => bearsDiscount(one) && lineRules(one.type).discountRank !== 'never'))
    throw unprocessable('cart_level_discounts reduce what is sold: this sale settles claims.', '/cart_level_discounts')
  checkTaxes(line, index)
}

/** The goods were taxed when they were supplied. */
function checkTaxes(line: Line, index: number): void {
  for (const [taxIndex, { rate, tax_amount: tax, code = 'not_taxable' }] of line.taxes.entries()) {
    if (toAtoms(rate) === 0n && toAtoms(tax) === 0n && CLAIM_CODES.some((one) => one === code)) continue
    throw new FiskalError(
      'tax_rate_not_supported',
      `Line ${index} settles a claim: its rate is 0, with the code ${CLAIM_CODES.join(' or ')} or without one.`,
      { line_index: index, tax_index: taxIndex, rate, codes: CLAIM_CODES },
    )
  }
}

/** The money that lines pay for a claim of this agent, in cents; below 0 for lines that give it back. */
export function settledCents(lines: readonly Line[], claim: string): bigint {
  return lines.reduce((sum, line) => (settles(line, claim) ? sum + toCents(line.total_amount) : sum), 0n)
}

function settles({ type, related_operation_id: named }: Line, claim: string): boolean {
  return named === claim && lineRules(type).isSettlement
}

/** The claims of this agent that lines settle, each once. */
export function settledClaims(lines: readonly Line[]): string[] {
  const named = lines.flatMap(({ type, related_operation_id: id }) =>
    id !== undefined && lineRules(type).isSettlement ? [id] : [],
  )
  return [...new Set(named)]
}
