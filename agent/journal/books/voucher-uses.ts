import { absolute, SQUARE_ATOMS_PER_CENT, toAtoms, toCents } from '../../../base/money.ts'
import { voucherName } from '../../../base/voucher-number.ts'
import type { Line } from './operation-parts.ts'
import { linesIn } from './operation-parts.ts'
import type { Movement, Portion, UseRule } from './use-rule.ts'

const TYPE = 'single_purpose_voucher'

type VoucherLine = Line & { readonly gift_card_id?: string }

/**
 * Vouchers of one purpose, each by its number: a sale puts its price on it, before its discounts. A negative line takes some of
 * it off: in a sale it is redeemed, in a return given back. A positive line of a return makes it valid again, by what its sale
 * redeemed at most.
 */
export const voucherUses: UseRule = {
  holds(movement) {
    return movement.kind === 'return' ? [] : portionsOf(movement, (cents) => cents > 0n)
  },
  uses(movement, usedBy) {
    const uses = portionsOf(movement, (cents) => cents < 0n)
    if (movement.kind !== 'return') return uses
    const redeemed = usedBy(String(movement.shown['related_operation_id']))
    const again = portionsOf(movement, (cents) => cents > 0n).map((portion): Portion => {
      const most = redeemed
        .filter(({ original, cents }) => original === portion.original && cents > 0n)
        .reduce((sum, { cents }) => sum + cents, 0n)
      return { ...portion, cents: portion.cents < most ? -portion.cents : -most }
    })
    return [...uses, ...again]
  },
}

function portionsOf({ shown }: Movement, isWanted: (cents: bigint) => boolean): Portion[] {
  return linesIn(shown).flatMap((line: VoucherLine): Portion[] => {
    const { type, gift_card_id: number = '' } = line
    if (type !== TYPE) return []
    const cents = toCents(line.total_amount)
    if (!isWanted(cents)) return []
    const original = `gift_card_id ${voucherName(number)} (${String(shown['merchant_id'])})`
    return [{ what: 'voucher', original, part: '', cents: cents < 0n ? -cents : priceOf(line, cents) }]
  })
}

function priceOf({ quantity = 1, unit_price: price = '0' }: Line, paidCents: bigint): bigint {
  const listed = absolute(toAtoms(String(quantity)) * toAtoms(price)) / SQUARE_ATOMS_PER_CENT
  return listed > paidCents ? listed : paidCents
}
