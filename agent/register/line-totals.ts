import { absolute, divideRounded, formatCents, formatRounded, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'
import { isMinus } from './amounts.ts'
import { bearsDiscount, isGivenBack, sharesBy } from './cart-discount.ts'
import { isGift } from './gifts.ts'

const ONE = 100_000_000n
/** The product of quantity and price, both in atoms, that is one euro: exact, rounded for messages only. */
const SQUARES_PER_EURO = ONE * ONE
const SQUARES_PER_CENT = SQUARES_PER_EURO / 100n
const HALF_CENT_ATOMS = 500_000n

type Line = CreateGoods['line_items'][number]
/** The lines of a request or of its document. */
type Totals = Pick<CreateGoods, 'type'> & {
  readonly line_items: readonly Line[]
  readonly cart_level_discounts?: readonly { amount: string }[] | undefined
}
/** The parts of ordered lines that end with a line of a bill: what rounding left of them is at most a cent each. */
export type PartsEndedBy = (index: number) => number

/**
 * Throws `amount_mismatch` if the total of a line is not its quantity times its price less its discounts; the last part of an
 * ordered line may have the rest. The rule of a gift demands its total of 0.00.
 */
export function checkLineTotals(request: Totals, partsEndedBy: PartsEndedBy = () => 0): void {
  const { line_items: lines, cart_level_discounts: cart = [] } = request
  const hasCart = cart.length > 0
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]
    if (line === undefined || isGift(line) || isOnePiece(line) || addsUp(line, hasCart)) continue
    if (!isRest(line, partsEndedBy(index))) throw mismatch(request, line, index)
  }
  if (hasCart) checkCart(lines, cart)
}

/** True for one piece at its price: most lines need no calculation. */
function isOnePiece({ quantity, unit_price, total_amount, discounts }: Line): boolean {
  return quantity === 1 && unit_price === total_amount && discounts === undefined
}

/** Compares absolute amounts; in a cart with discounts the total of a line may be lower by its share. */
function addsUp(line: Line, hasCart: boolean): boolean {
  if (hasWrongSign(line)) return false
  const missing = missingSquares(line)
  if (missing === 0n) return true
  const tolerance = toleranceSquares(line)
  return missing >= -tolerance && ((hasCart && bearsDiscount(line)) || missing <= tolerance)
}

function isRest(line: Line, parts: number): boolean {
  return !hasWrongSign(line) && absolute(missingSquares(line)) <= BigInt(parts) * SQUARES_PER_CENT
}

/** A total above 0 needs price and quantity of the same sign. A total below 0 is returned goods, whatever the signs are. */
function hasWrongSign({ quantity, unit_price, total_amount }: Line): boolean {
  const isNegative = isMinus(String(quantity)) !== isMinus(unit_price)
  return isNegative && toAtoms(total_amount) > 0n && toAtoms(String(quantity)) * toAtoms(unit_price) < 0n
}

function missingSquares(line: Line): bigint {
  return pricedSquares(line) - absolute(toAtoms(line.total_amount)) * ONE
}

/** Quantity times price less the discounts of the line; exact. */
function pricedSquares({ quantity, unit_price, discounts }: Line): bigint {
  const list = absolute(toAtoms(String(quantity)) * toAtoms(unit_price))
  return discounts === undefined ? list : list - sumSquares(discounts)
}

function sumSquares(discounts: readonly { amount: string }[]): bigint {
  return discounts.reduce((sum, { amount }) => sum + toAtoms(amount), 0n) * ONE
}

/** Half a cent for each piece, at least half a cent: tills round the price of one piece. */
function toleranceSquares({ quantity }: Line): bigint {
  const count = absolute(toAtoms(String(quantity)))
  return HALF_CENT_ATOMS * (count > ONE ? count : ONE)
}

/**
 * The totals are after the discounts of the cart, the prices before or after them: the sum of the differences must be the
 * discounts or 0.
 */
function checkCart(lines: readonly Line[], cart: readonly { amount: string }[]): void {
  const bearing = lines.filter(bearsDiscount)
  const missing = bearing.reduce((sum, line) => sum + missingSquares(line), 0n)
  const tolerance = bearing.reduce((sum, line) => sum + toleranceSquares(line), 0n)
  const discounts = sumSquares(cart)
  if (absolute(missing - discounts) <= tolerance || absolute(missing) <= tolerance) return
  const prices = lines.map((line) => divideRounded(pricedSquares(line), SQUARES_PER_CENT))
  const shares = sharesBy(lines, prices, divideRounded(discounts, SQUARES_PER_CENT))
  const right = prices.map((price, index) => price - (shares[index] ?? 0n))
  const differences = lines.map((line, index) =>
    bearsDiscount(line) ? absolute(toCents(line.total_amount) - (right[index] ?? 0n)) : 0n,
  )
  const greatest = differences.reduce(
    (greatestIndex, cents, index) => (cents > (differences[greatestIndex] ?? 0n) ? index : greatestIndex),
    0,
  )
  const expected = formatCents(right[greatest] ?? 0n)
  throw new FiskalError(
    'amount_mismatch',
    `The lines are ${euros(missing)} below their prices, but cart_level_discounts are ${euros(discounts)}: a matching total of line ${greatest} is ${expected}.`,
    detailsOf(lines, greatest, expected),
  )
}

function mismatch({ type, line_items: lines }: Totals, line: Line, index: number): FiskalError {
  const priced = pricedSquares(line)
  const cents = toCents(line.total_amount)
  // If the signs contradict a total above 0, the signs count. A return of 0.00 is still a return.
  const comesBack = hasWrongSign(line) || isGivenBack(line, cents) || (type === 'return' && cents === 0n)
  const expected = euros(comesBack ? -priced : priced)
  const { quantity, unit_price, discounts = [], total_amount } = line
  const less = discounts.length === 0 ? '' : ` less discounts of ${euros(sumSquares(discounts))}`
  return new FiskalError(
    'amount_mismatch',
    `Line ${index} is ${quantity} × ${unit_price}${less} = ${expected}, but its total_amount is ${total_amount}.`,
    detailsOf(lines, index, expected),
  )
}

function detailsOf(lines: readonly Line[], index: number, expected: string) {
  return {
    pointer: `/line_items/${index}/total_amount`,
    line_index: index,
    total_amount: lines[index]?.total_amount,
    expected_total_amount: expected,
  }
}

function euros(squares: bigint): string {
  return formatRounded(squares, SQUARES_PER_EURO, 2)
}
