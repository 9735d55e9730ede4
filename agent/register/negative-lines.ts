import { formatRounded, toAtoms } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import type { FiskalError } from '../errors.ts'
import { unprocessable } from '../errors.ts'
import { bearsDiscount } from './cart-discount.ts'
import { rateKey } from './deposits.ts'
import { isReferenced } from './direction.ts'
import type { LawMembers } from './law-members.ts'
import { DEFAULT_LINE_TYPE, lineRules } from './line-types.ts'

type Line = CreateGoods['line_items'][number]
type Sum = { quantity: bigint; total: bigint }

/**
 * Checks a sale that has negative lines. Throws `unprocessable_entity` for a total below that of its returned empties, for
 * a line that may not be negative, and for discounts of a cart in which nothing is sold. Throws `not_supported_by_law` for
 * a line that may be negative only under other laws.
 */
export function checkNegativeLines(request: CreateGoods, members: LawMembers | undefined): void {
  const { line_items: lines, total_amount: total, cart_level_discounts: discounts = [] } = request
  checkTotal(total, lines)
  const isAllowed = allowedLines(lines)
  for (const [index, line] of lines.entries()) {
    if (toAtoms(line.total_amount) >= 0n) continue
    const pointer = `/line_items/${index}/total_amount`
    if (!isAllowed(line)) throw negative(pointer)
    // A voucher that is redeemed was asked for by its type.
    if (lineRules(line.type).inSale !== 'redeemed') members?.require('minus_line', pointer)
  }
  if (discounts.length > 0 && !lines.some(bearsDiscount))
    throw unprocessable('cart_level_discounts reduce what is sold: this sale only takes back.', '/cart_level_discounts')
}

/** True for a negative line that a sale may have. */
function allowedLines(lines: readonly Line[]): (line: Line) => boolean {
  let sums: ReadonlyMap<string, Sum> | undefined
  return (line) => {
    switch (lineRules(line.type).inSale) {
      case 'any':
      case 'redeemed':
        return true
      case 'positive':
      case 'absent':
        return false
      case 'cancelling':
        if (!isByQuantity(line)) return false
        if (isReferenced(line)) return true
        sums ??= sumsByArticle(lines)
        return isCovered(line, sums)
    }
  }
}

/** More empties than goods: money goes out. Goods that come back alone are a return. */
function checkTotal(total: string, lines: readonly Line[]): void {
  const atoms = toAtoms(total)
  if (atoms >= 0n) return
  const empties = lines.reduce((sum, line) => (isEmpties(line) ? sum + toAtoms(line.total_amount) : sum), 0n)
  if (empties === 0n) throw negative('/total_amount')
  if (atoms >= empties) return
  const least = formatRounded(empties, 100_000_000n, 2)
  throw unprocessable(`/total_amount must not be below ${least}, the sum of the returned empties.`, '/total_amount')
}

function isEmpties({ type, total_amount: total }: Line): boolean {
  return lineRules(type).comesBackAlone && toAtoms(total) < 0n
}

/** The form of a cancelled piece: the other form, a negative price, is for returns. */
function isByQuantity({ quantity, unit_price: price }: Line): boolean {
  return toAtoms(String(quantity)) < 0n && toAtoms(price) >= 0n
}

/** Covered: the sale has at least as many pieces of the article, and as much money for them, as are taken off. */
function isCovered(line: Line, sums: ReadonlyMap<string, Sum>): boolean {
  const { quantity, total } = sums.get(articleKey(line)) ?? { quantity: -1n, total: -1n }
  return quantity >= 0n && total >= 0n
}

/** Pieces that come back from another operation were not sold by this one. */
function sumsByArticle(lines: readonly Line[]): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const line of lines) {
    if (isReferenced(line)) continue
    const key = articleKey(line)
    const { quantity, total } = sums.get(key) ?? { quantity: 0n, total: 0n }
    sums.set(key, {
      quantity: quantity + toAtoms(String(line.quantity)),
      total: total + toAtoms(line.total_amount),
    })
  }
  return sums
}

/** Goods of a principal are taken off those that are sold in its name alone, and those of a department there. */
export function articleKey({
  type = DEFAULT_LINE_TYPE,
  sku_identifier: sku,
  agency_id,
  department,
  taxes,
}: Line): string {
  return JSON.stringify([type, sku, agency_id, department, ...taxes.map(rateKey)])
}

function negative(pointer: string): FiskalError {
  return unprocessable(`${pointer} must not be negative here.`, pointer)
}
