import { absolute, toCents } from '../../base/money.ts'
import { voucherName } from '../../base/voucher-number.ts'
import type { Payment } from '../contract/payment.ts'
import { listCents } from './cart-discount.ts'
import { isBack } from './direction.ts'
import { lineRules } from './line-types.ts'
import { euroCents } from './payments.ts'

type Line = {
  type?: string | undefined
  gift_card_id?: string | undefined
  quantity: number | string
  unit_price: string
  total_amount: string
}
/**
 * The money that an operation moves on a voucher, in cents. `givenBack`: the shop took back what was put on. `paid` and
 * `repaid`: the money for both, which is less if the voucher was sold at a discount; `repaid` is undefined if no line
 * comes back.
 */
export type VoucherMove = {
  number: string
  /** By the lines and payments that name the number; an operation that names one number as both kinds is refused. */
  isSinglePurpose: boolean
  isMultiPurpose: boolean
  putOn: bigint
  givenBack: bigint
  takenOff: bigint
  paid: bigint
  repaid: bigint | undefined
}

export function nothingOn(number: string): VoucherMove {
  const none = { isSinglePurpose: false, isMultiPurpose: false, repaid: undefined }
  return { number, ...none, putOn: 0n, givenBack: 0n, takenOff: 0n, paid: 0n }
}

/** True if it needs something on the voucher: it is redeemed, or its line comes back. */
export function takesOff({ takenOff, repaid }: VoucherMove): boolean {
  return takenOff > 0n || repaid !== undefined
}

/** A goods movement, or the reversal of one. */
type Moved = {
  type?: string | undefined
  line_items?: readonly Line[] | undefined
  payments?: readonly Payment[] | undefined
}

/**
 * By number. A line puts money on a voucher, one that comes back takes it back; a payment takes money off, and one that
 * is paid out, as change or for a return, puts it on. A negative line of a sale takes a voucher of one purpose off. `counted`:
 * the statuses of the payments that make up the total.
 */
export function voucherMoves(
  { type: owner, line_items, payments = [] }: Moved,
  counted: readonly string[],
): VoucherMove[] {
  const moves = new Map<string, VoucherMove>()
  const moveOf = (number: string): VoucherMove => {
    const name = voucherName(number)
    const move = moves.get(name) ?? nothingOn(number)
    moves.set(name, move)
    return move
  }
  for (const line of line_items ?? []) {
    const { type, gift_card_id: number } = line
    if (number === undefined) continue
    const { voucher } = lineRules(type)
    if (voucher !== 'none') noteLine(moveOf(number), { line, voucher, owner })
  }
  for (const payment of payments) {
    const { method, status, gift_card_id: number } = payment
    if (number === undefined || !counted.includes(status)) continue
    if (method === 'gift_card') notePaid(moveOf(number), euroCents(payment))
    // The money of a voucher of a third party is elsewhere.
    if (method === 'voucher') moveOf(number).isMultiPurpose = true
  }
  return [...moves.values()]
}

function notePaid(move: VoucherMove, cents: bigint): void {
  move.isMultiPurpose = true
  if (cents > 0n) move.takenOff += cents
  else move.putOn -= cents
}

function noteLine(
  move: VoucherMove,
  { line, voucher, owner }: { line: Line; voucher: 'multi_purpose' | 'single_purpose'; owner: string | undefined },
): void {
  const money = absolute(toCents(line.total_amount))
  const comesBack = isBack(line, { type: owner })
  if (voucher === 'multi_purpose') move.isMultiPurpose = true
  else move.isSinglePurpose = true
  if (voucher === 'single_purpose' && owner === 'sale' && comesBack) {
    move.takenOff += money
    return
  }
  if (comesBack) {
    move.givenBack += fullPrice(line)
    move.repaid = (move.repaid ?? 0n) + money
  } else {
    move.putOn += fullPrice(line)
    move.paid += money
  }
}

/**
 * The money that comes off a voucher for the price paid: 50.00 if it was sold for 45.00 and is returned at 45.00. Rounded down,
 * so that the parts of a return are never more than the whole.
 */
export function givenBackOf({ putOn, paid }: VoucherMove, { givenBack, repaid }: VoucherMove): bigint {
  if (repaid === undefined) return givenBack
  const share = paid <= repaid ? putOn : (putOn * repaid) / paid
  return share > givenBack ? share : givenBack
}

/** A voucher of 50.00 that is sold for 45.00 holds 50.00: the price before the discounts. */
function fullPrice(line: Line): bigint {
  const [listed, paid] = [absolute(listCents(line)), absolute(toCents(line.total_amount))]
  return listed > paid ? listed : paid
}
