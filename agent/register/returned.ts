import { absolute, divideRounded, formatAtoms, formatCents, toAtoms, toCents, withoutZeros } from '../../base/money.ts'
import type { ReturnedBeyondSale } from '../contract/hint.ts'
import type { Payment } from '../contract/payment.ts'
import { isGivenBack } from './cart-discount.ts'
import type { LineOwner } from './direction.ts'
import { isBack, isReferenced } from './direction.ts'
import { DEFAULT_LINE_TYPE, isDeposit, lineRules } from './line-types.ts'
import { isOnAccount, onAccountCents } from './on-account.ts'
import { turned } from './reversal.ts'

type Line = {
  sku_identifier: string
  type?: string | undefined
  quantity: number | string
  unit_price: string
  total_amount: string
  taxes: readonly { rate: string }[]
  related_operation_id?: string | undefined
  external_related_operation?: object | undefined
  discounts?: readonly object[] | undefined
}

/** A completed goods movement or the void of one. */
export type Moved = LineOwner & {
  id?: string | undefined
  related_operation_id?: string | undefined
  line_items?: readonly Line[] | undefined
  cart_level_discounts?: readonly object[] | undefined
  tip_amount?: string | undefined
  total_amount?: string | undefined
  payments?: readonly Payment[] | undefined
}

type Price = { readonly atoms: bigint; readonly cents: bigint }
/** Pieces in atoms, by article: type, SKU and rate. `dearest`: the line with the highest price for one. */
type Pieces = Map<string, Price & { article: Pick<Line, 'sku_identifier' | 'type'>; rate: string; dearest: Price }>
type Sum = { cents: bigint; pieces: Pieces }
export type Beyond = Pick<ReturnedBeyondSale, 'sold' | 'returned' | 'unpaid' | 'articles'>
/** How often the money and the pieces of a line count. */
type Counts = { readonly cents: bigint; readonly pieces: bigint }
/** `sold`: the pieces that a price reduction may be of. */
type Origin = { readonly original?: Pick<Moved, 'id'>; readonly sold?: Pieces }

const ONE = 100_000_000n

/** Maximum number of returns recorded on one operation: each event that adds one contains all. */
export const RETURNS_MAX = 32

/**
 * The pieces and the money by which returns exceed their sale, or what was paid of it; undefined if they do not.
 * `settled`: the part of its claim that was paid, in cents.
 */
export function returnedBeyond(sale: Moved, returns: readonly Moved[], settled = 0n): Beyond | undefined {
  const sold = sumOf([sale], false)
  const reversing = returns.map((moved) => ({ ...moved, reverses: sale.type }))
  const back = sumOf(reversing, true, { original: sale, sold: sold.pieces })
  const claim = onAccountCents(sale.payments ?? [])
  const paidBack = claim === 0n ? 0n : reversing.reduce((sum, moved) => sum + paidBackBy(moved, sale), 0n)
  const unpaid = claim === 0n ? 0n : paidBack - (sold.cents - claim + settled)
  const articles = [...back.pieces].flatMap(([key, { article, rate, ...given }]) => {
    const had = sold.pieces.get(key)
    const atoms = had?.atoms ?? 0n
    const dearer =
      isDiscounted(sale) && given.atoms <= atoms && had ? dearerThan(given.dearest, had.dearest) : undefined
    if (given.atoms <= atoms && dearer === undefined) return []
    const { sku_identifier, type = DEFAULT_LINE_TYPE } = article
    const pieces = { sold: formatAtoms(atoms), returned: formatAtoms(given.atoms) }
    return [{ type, sku_identifier, rate, ...pieces, ...dearer }]
  })
  if (articles.length === 0 && back.cents <= sold.cents && unpaid <= 0n) return undefined
  const paid = unpaid > 0n && { unpaid: formatCents(unpaid) }
  return { sold: formatCents(sold.cents), returned: formatCents(back.cents), ...paid, articles }
}

function isDiscounted({ cart_level_discounts: discounts = [], line_items: lines = [] }: Moved): boolean {
  return discounts.length > 0 || lines.some((line) => (line.discounts ?? []).length > 0)
}

/** The price of pieces for which more was given back; a cent for each is the rounding of tills. */
function dearerThan(back: Price, sold: Price): { paid: string; given_back: string } | undefined {
  if (sold.atoms === 0n) return undefined
  const paid = divideRounded(sold.cents * back.atoms, sold.atoms)
  const rounding = back.atoms > ONE ? back.atoms / ONE : 1n
  return back.cents - paid > rounding ? { paid: formatCents(paid), given_back: formatCents(back.cents) } : undefined
}

/** The money that came back for goods of the sale, in cents; without the value of other goods, and of what lowers its claim. */
function paidBackBy(moved: Moved, sale: Moved): bigint {
  const out = onAccountCents(moved.payments ?? []) - toCents(moved.total_amount ?? '0')
  const goods = sumOf([moved], true, { original: sale }).cents
  if (out <= 0n) return 0n
  return out < goods ? out : goods
}

/** The money that returns and exchanges give back for goods of an operation, less the deposits that are valid again. */
export function paidOutCents(original: Pick<Moved, 'id'>, returns: readonly Moved[]): bigint {
  return (
    sumOf(returns, true, { original }).cents -
    sumOf(
      returns.filter(({ type }) => type === 'return'),
      false,
      { original },
    ).cents
  )
}

/**
 * The lines of one direction, with the tip of that direction; `original`: only those that come from it. Pieces that a sale
 * takes off again were never sold.
 */
function sumOf(all: readonly Moved[], comesBack: boolean, { original, sold }: Origin = {}): Sum {
  const sum: Sum = { cents: 0n, pieces: new Map() }
  for (const moved of all) {
    const isWhole = original === undefined || moved.related_operation_id === original.id
    const tip = toCents(moved.tip_amount ?? '0')
    if (isWhole && tip < 0n === comesBack) sum.cents += absolute(tip)
    for (const line of moved.line_items ?? []) {
      const { isBack: side, ...counts } = directionOf(line, moved, sold)
      const isOf = original === undefined || originalOf(line, moved) === original.id
      if (isOf && side === comesBack && !isRedeemed(line, moved)) add(sum, line, counts)
    }
  }
  return sum
}

/** A return on account at less than the price is a reduction of the claim, as a Skonto: no piece comes back. */
function lowersClaim(line: Line, { type, payments = [] }: Moved, sold: Pieces | undefined): boolean {
  if (sold === undefined || type !== 'return' || payments.length === 0 || !payments.every(isOnAccount)) return false
  const { cents = 0n, atoms = 0n } = sold.get(articleOf(line).key) ?? {}
  return absolute(toCents(line.total_amount)) * atoms < cents * absolute(toAtoms(String(line.quantity)))
}

/** A voucher that a sale takes off does not come back. */
function isRedeemed(line: Line, { type }: Moved): boolean {
  return type === 'sale' && lineRules(line.type).inSale === 'redeemed' && toCents(line.total_amount) < 0n
}

/** The direction in which a line counts; pieces that a sale takes off lessen those that it sells. */
function directionOf(line: Line, moved: Moved, sold: Pieces | undefined): Counts & { isBack: boolean } {
  if (isTakenOff(line, moved)) return { isBack: moved.type === 'void', cents: -1n, pieces: -1n }
  return { isBack: isBack(line, moved), cents: 1n, pieces: lowersClaim(line, moved, sold) ? 0n : 1n }
}

/** The original of a line; a reversal takes back all that its own one moved. A line of type `deposit` may name the deposit. */
function originalOf(line: Line, { type, related_operation_id: whole }: Moved): string | undefined {
  // A line that settles a claim, or takes a deposit off, names that, not what it comes from.
  const isSettling = lineRules(line.type).isSettlement || isDeposit(line)
  return type === 'void' || !isReferenced(line) || isSettling ? whole : line.related_operation_id
}

/** True for a line of a sale that takes off pieces of the same sale, also in the reversal of it. */
function isTakenOff(line: Line, { type, reverses }: Moved): boolean {
  if (lineRules(line.type).inSale !== 'cancelling' || isReferenced(line)) return false
  const cents = toCents(line.total_amount)
  if (type === 'sale') return isGivenBack(line, cents)
  return type === 'void' && reverses === 'sale' && isGivenBack({ ...line, unit_price: turned(line.unit_price) }, -cents)
}

/** The total has the sign of the line; the quantity may have either sign. */
function add(sum: Sum, line: Line, counts: Counts): void {
  const { pieces } = sum
  const { key, rate } = articleOf(line)
  const cents = counts.cents * absolute(toCents(line.total_amount))
  const atoms = counts.pieces * absolute(toAtoms(String(line.quantity)))
  const none = { atoms: 0n, cents: 0n }
  const before = pieces.get(key) ?? { ...none, dearest: none }
  const dearest =
    atoms > 0n && cents * before.dearest.atoms >= before.dearest.cents * atoms ? { atoms, cents } : before.dearest
  sum.cents += cents
  pieces.set(key, { article: line, rate, atoms: before.atoms + atoms, cents: before.cents + cents, dearest })
}

function articleOf({ type = DEFAULT_LINE_TYPE, sku_identifier: sku, taxes }: Line): { key: string; rate: string } {
  const rate = taxes.map((tax) => withoutZeros(tax.rate)).join('+')
  return { key: JSON.stringify([type, sku, rate]), rate }
}
