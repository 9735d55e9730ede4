import { formatCents, toCents } from '../../base/money.ts'
import { voucherName } from '../../base/voucher-number.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { bearsDiscount } from './cart-discount.ts'
import { rateKey } from './deposits.ts'
import { isReferenced } from './direction.ts'
import { lineRules } from './line-types.ts'

type Line = CreateGoods['line_items'][number]
type Lines = readonly Line[]

/**
 * Throws for a line that neither sells, redeems nor gives back a voucher of one purpose: `unprocessable_entity`,
 * `gift_card_id_required`, and `amount_exceeded` if more is redeemed at a rate than the goods and new vouchers of that rate are. The voucher was
 * taxed when it was sold (§ 3 (14) UStG): beyond those goods its tax would be taken off a second time.
 */
export function checkSinglePurposeVoucher(request: CreateGoods, line: Line, index: number): void {
  const { type, line_items: lines, cart_level_discounts: discounts = [] } = request
  const place = `/line_items/${index}`
  if (type === 'exchange')
    throw unprocessable(`An ${type} has no lines of type single_purpose_voucher.`, `${place}/type`)
  if ((line.gift_card_id ?? '').trim() === '')
    throw new FiskalError('gift_card_id_required', `The single_purpose_voucher of line ${index} needs its number.`, {
      pointer: `${place}/gift_card_id`,
    })
  if (line.taxes.length !== 1)
    throw unprocessable(`Line ${index} is a single_purpose_voucher: it has exactly one tax.`, `${place}/taxes`)
  if (discounts.length > 0 && !lines.some(bearsDiscount))
    throw unprocessable('cart_level_discounts do not reduce a single_purpose_voucher.', '/cart_level_discounts')
  if (type === 'sale' && toCents(line.total_amount) < 0n) checkRedeemed(lines, line, index)
  if (type === 'return' && toCents(line.total_amount) > 0n) checkValidAgain(request, line, index)
}

/** A return makes a voucher valid again that its sale redeemed. */
function checkValidAgain({ related_operation_id: sale }: CreateGoods, line: Line, index: number): void {
  if (sale === undefined)
    throw unprocessable(
      `Line ${index} makes a voucher valid again: name the sale that it was redeemed in.`,
      '/related_operation_id',
    )
  refuseDiscounts(line, index, 'makes a voucher valid again')
}

function refuseDiscounts({ discounts = [] }: Line, index: number, what: string): void {
  if (discounts.length > 0)
    throw unprocessable(`Line ${index} ${what}: it has no discounts.`, `/line_items/${index}/discounts`)
}

function checkRedeemed(lines: Lines, line: Line, index: number): void {
  refuseDiscounts(line, index, 'redeems a voucher')
  const key = keyOf(line)
  const ofRate = lines.filter((one) => keyOf(one) === key)
  const wanted = -sumOf(ofRate.filter(isRedeemed))
  const left = sumOf(ofRate.filter(isGoods))
  if (wanted <= left) return
  const details = { pointer: `/line_items/${index}/total_amount`, left: formatCents(left), wanted: formatCents(wanted) }
  throw new FiskalError(
    'amount_exceeded',
    `The items and new vouchers at rate ${[line.taxes[0]?.rate, line.department].filter(Boolean).join('/')} are ${details.left}: vouchers over ${details.wanted} cannot be redeemed on them.`,
    details,
  )
}

/** Pieces that the sale takes off again are not sold; goods of an earlier sale come back. A new voucher may be for the rest. */
function isGoods(line: Line): boolean {
  const { isArticle, voucher } = lineRules(line.type)
  if (voucher === 'single_purpose') return !isRedeemed(line)
  return isArticle && (toCents(line.total_amount) > 0n || !isReferenced(line))
}

export function isRedeemed(line: Pick<Line, 'type' | 'total_amount'>): boolean {
  return lineRules(line.type).voucher === 'single_purpose' && toCents(line.total_amount) < 0n
}

function sumOf(lines: Lines): bigint {
  return lines.reduce((sum, { total_amount: total }) => sum + toCents(total), 0n)
}

function keyOf({ taxes: [tax], department = '' }: Line): string | undefined {
  return tax && `${rateKey(tax)} ${department}`
}

/**
 * True for a line that redeems a voucher, among all lines of a sale: only next to goods one is taken off. Alone, a negative line
 * gives the voucher back. In a return a positive line takes a redemption back.
 */
export function redeems(
  line: Pick<Line, 'type' | 'total_amount'>,
  all: readonly Pick<Line, 'total_amount'>[],
  isReturn: boolean,
): boolean {
  if (lineRules(line.type).voucher !== 'single_purpose') return false
  const cents = toCents(line.total_amount)
  if (isReturn) return cents > 0n
  return cents < 0n && all.some(({ total_amount: total }) => toCents(total) > 0n)
}

/** The key of a voucher that a sale redeems, and a return makes valid again: its number, rate and department. */
export function voucherKey(line: Line): string {
  return JSON.stringify([voucherName(line.gift_card_id ?? ''), keyOf(line)])
}
