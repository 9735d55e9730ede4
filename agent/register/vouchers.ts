import { toCents } from '../../base/money.ts'

type Line = { type?: string | undefined; gift_card_id?: string | undefined; total_amount: string }
type Payment = { method: string; status: string; amount: string; gift_card_id?: string | undefined }

/** The money that an operation moves on a voucher, in cents. `givenBack`: the shop took back what was put on. */
export type VoucherMove = { number: string; putOn: bigint; givenBack: bigint; takenOff: bigint }

/** A goods movement, or the reversal of one. */
type Moved = {
  line_items?: readonly Line[] | undefined
  payments?: readonly Payment[] | undefined
}

/**
 * By number. A line puts money on a voucher, one that comes back takes it back; a payment takes money off, and one that
 * is paid out, as change or for a return, puts it on. `counted`: the statuses of the payments that make up the total.
 */
export function voucherMoves({ line_items, payments = [] }: Moved, counted: readonly string[]): VoucherMove[] {
  const moves = new Map<string, VoucherMove>()
  const moveOf = (number: string): VoucherMove => {
    const move = moves.get(number) ?? { number, putOn: 0n, givenBack: 0n, takenOff: 0n }
    moves.set(number, move)
    return move
  }
  for (const { type, gift_card_id: number, total_amount } of line_items ?? []) {
    const cents = toCents(total_amount)
    if (type !== 'gift_card' || number === undefined) continue
    if (cents > 0n) moveOf(number).putOn += cents
    else moveOf(number).givenBack -= cents
  }
  for (const { method, status, amount, gift_card_id: number } of payments) {
    const cents = toCents(amount)
    if (method !== 'gift_card' || number === undefined || !counted.includes(status)) continue
    if (cents > 0n) moveOf(number).takenOff += cents
    else moveOf(number).putOn -= cents
  }
  return [...moves.values()]
}
