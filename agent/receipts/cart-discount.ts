import { divideRounded, toAtoms } from '../money.ts'
import type { Discount, Goods, GoodsLine } from './documents.ts'

const ATOMS_PER_CENT = 1_000_000n
/** Atoms times atoms in a cent. */
const SQUARE_ATOMS_PER_CENT = 100_000_000_000_000n

/** Cents of a decimal string, rounded half away from zero: discounts and products need not be whole cents. */
function roundedCents(amount: string): bigint {
  return divideRounded(toAtoms(amount), ATOMS_PER_CENT)
}

/** What a discount takes off, in cents. */
export function discountCents({ amount }: Discount): bigint {
  return roundedCents(amount)
}

export function sumOf(cents: readonly bigint[]): bigint {
  return cents.reduce((sum, part) => sum + part, 0n)
}

/** `quantity × unit_price` in cents. */
export function listCents({ quantity, unit_price }: GoodsLine): bigint {
  return divideRounded(toAtoms(String(quantity)) * toAtoms(unit_price), SQUARE_ATOMS_PER_CENT)
}

/**
 * What of the cart's discounts is in each line's total, in cents. The totals that were sent are after the discount:
 * where `quantity × unit_price` tells what was taken off, that is it; else in proportion to the totals. Gift cards
 * take no share, unless there is nothing else.
 */
export function cartShares({ line_items: lines, cart_level_discounts: discounts = [] }: Goods): bigint[] {
  const total = sumOf(discounts.map(discountCents))
  if (total === 0n) return lines.map(() => 0n)
  const onlyGiftCards = lines.every(({ type }) => type === 'gift_card')
  const takesShare = ({ type }: GoodsLine) => onlyGiftCards || type !== 'gift_card'
  const missing = lines.map((line) => (takesShare(line) ? missingCents(line) : 0n))
  if (sumOf(missing) === total && missing.every((cents) => cents >= 0n)) return missing
  const weights = lines.map((line) => (takesShare(line) ? roundedCents(line.total_amount) : 0n))
  const anyWeight = weights.some((weight) => weight > 0n)
  return apportion(total, anyWeight ? weights : lines.map((line) => (takesShare(line) ? 1n : 0n)))
}

function missingCents(line: GoodsLine): bigint {
  return listCents(line) - sumOf((line.discounts ?? []).map(discountCents)) - roundedCents(line.total_amount)
}

/** Parts of the total in proportion to the weights (none negative, one positive); largest remainder, ties to the first. */
export function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = sumOf(weights)
  const parts = weights.map((weight) => (total * weight) / sum)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1))
  const left = Number(total - sumOf(parts))
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n
  return parts
}
