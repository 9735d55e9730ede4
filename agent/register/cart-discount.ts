import { ATOMS_PER_CENT, divideRounded, SQUARE_ATOMS_PER_CENT, toAtoms } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { isMinus } from './amounts.ts'
import { lineRules } from './line-types.ts'

type Line = CreateGoods['line_items'][number]
type Discount = NonNullable<Line['discounts']>[number]
/** The part of a document that has lines and discounts. */
type Cart = { line_items: readonly Line[]; cart_level_discounts?: readonly Discount[] | undefined }

/** Cents of a decimal string, rounded half away from zero: discounts and products need not be whole cents. */
function roundedCents(amount: string): bigint {
  return divideRounded(toAtoms(amount), ATOMS_PER_CENT)
}

/** The amount of a discount, in cents. */
export function discountCents({ amount }: Discount): bigint {
  return roundedCents(amount)
}

export function sumOf(cents: readonly bigint[]): bigint {
  return cents.reduce((sum, part) => sum + part, 0n)
}

/** `quantity × unit_price` in cents. */
export function listCents({ quantity, unit_price }: Pick<Line, 'quantity' | 'unit_price'>): bigint {
  return divideRounded(toAtoms(String(quantity)) * toAtoms(unit_price), SQUARE_ATOMS_PER_CENT)
}

/** True for returned goods. In a line of 0.00 exactly one of quantity and price is then negative. */
export function isGivenBack({ quantity, unit_price }: Pick<Line, 'quantity' | 'unit_price'>, cents: bigint): boolean {
  return cents === 0n ? toAtoms(String(quantity)) < 0n !== toAtoms(unit_price) < 0n : cents < 0n
}

/** Quantity and price as every record shows them: the quantity has the sign of the line, the price has no sign. */
export function piecesOf(line: Line, cents: bigint): { quantity: string; unitPrice: string } {
  const quantity = unsigned(String(line.quantity))
  const isNegative = isGivenBack(line, cents) && toAtoms(quantity) !== 0n
  return { quantity: isNegative ? `-${quantity}` : quantity, unitPrice: unsigned(line.unit_price) }
}

function unsigned(decimal: string): string {
  return decimal.startsWith('-') ? decimal.slice(1) : decimal
}

/**
 * The share of the cart's discounts in each line's total, in cents: one split for books, receipts and printers. The totals in
 * the request are after the discounts. If the differences between `quantity × unit_price` and the totals add up to the
 * discounts, they are the shares; otherwise the shares are in proportion to the totals.
 */
export function cartShares({ line_items: lines, cart_level_discounts: discounts = [] }: Cart): bigint[] {
  const total = sumOf(discounts.map(discountCents))
  if (total === 0n) return lines.map(() => 0n)
  const missing = missingOfBearingLines(lines)
  if (sumOf(missing) === total && missing.every((cents) => cents >= 0n)) return missing
  const totals = lines.map((line) => roundedCents(line.total_amount))
  return sharesBy(lines, totals, total)
}

/** The difference between price and total of each line; 0 for lines that bear no discount. */
function missingOfBearingLines(lines: readonly Line[]): bigint[] {
  const isLast = firstRank(lines) === LAST
  return lines.map((line) => (rankOf(line) < (isLast ? NONE : LAST) ? missingCents(line) : 0n))
}

/** Splits a discount in proportion to the amounts of the lines that bear it; in equal parts if none of them is positive. */
export function sharesBy(lines: readonly Line[], amounts: readonly bigint[], discount: bigint): bigint[] {
  const first = firstRank(lines)
  const bearing = lines.map((line, index) => (rankOf(line) === first ? (amounts[index] ?? 0n) : 0n))
  const weights = bearing.map((cents) => (cents > 0n ? cents : 0n))
  const anyWeight = weights.some((weight) => weight > 0n)
  return apportion(discount, anyWeight ? weights : lines.map((line) => (rankOf(line) === first ? 1n : 0n)))
}

const LAST = 2
const NONE = 3
const RANKS: { readonly [Rank in ReturnType<typeof lineRules>['discountRank']]: number } = {
  first: 0,
  second: 1,
  last: LAST,
  never: NONE,
}

/** Goods bear a discount of the cart. Pfand bears it in a cart without goods, vouchers and tips in a cart without both. */
function rankOf(line: Line): number {
  return bearsDiscount(line) ? RANKS[lineRules(line.type).discountRank] : NONE
}

function firstRank(lines: readonly Line[]): number {
  return lines.reduce((first, line) => Math.min(first, rankOf(line)), NONE)
}

/** False for a line that goes the other way, and for a type that bears none: a discount of the cart reduces what is sold. */
export function bearsDiscount({ type, total_amount: total }: Pick<Line, 'type' | 'total_amount'>): boolean {
  return (!isMinus(total) || toAtoms(total) === 0n) && lineRules(type).discountRank !== 'never'
}

function missingCents(line: Line): bigint {
  return listCents(line) - sumOf((line.discounts ?? []).map(discountCents)) - roundedCents(line.total_amount)
}

/**
 * Splits the total in proportion to the weights (none negative, at least one positive) by the largest remainders; ties go to
 * the first.
 */
function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = sumOf(weights)
  const parts = weights.map((weight) => (total * weight) / sum)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1))
  const remainingCents = Number(total - sumOf(parts))
  for (const { index } of byRemainder.slice(0, remainingCents)) parts[index] = (parts[index] ?? 0n) + 1n
  return parts
}

/**
 * The part that each discount takes from each group of lines, in cents. `shares` are the summed shares of the groups. Each
 * discount takes its parts in proportion to the rest; the last one takes the rest of each group.
 */
export function discountParts(discounts: readonly bigint[], shares: readonly bigint[]): bigint[][] {
  const remainingShares = [...shares]
  return discounts.map((discount, index) => {
    const isLast = index === discounts.length - 1
    const parts = isLast
      ? [...remainingShares]
      : canBear(remainingShares)
        ? apportion(discount, remainingShares)
        : remainingShares.map(() => 0n)
    for (const [at, part] of parts.entries()) remainingShares[at] = (remainingShares[at] ?? 0n) - part
    return parts
  })
}

function canBear(shares: readonly bigint[]): boolean {
  return sumOf(shares) > 0n && shares.every((share) => share >= 0n)
}
