import { formatCents, toCents } from '../../../base/money.ts'
import { isSameVoucher, voucherName } from '../../../base/voucher-number.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { Payment } from '../../contract/payment.ts'
import { FiskalError } from '../../errors.ts'
import type { GoodsDocument, SoldDocument } from '../../journal/documents/document.ts'
import { isSold, originalIn } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { leftOnMultiPurpose, namings } from '../../laws/used-vouchers.ts'
import { sumOf } from '../../register/cart-discount.ts'
import { RETURNS_MAX } from '../../register/returned.ts'
import { isRedeemed, redeems, voucherKey } from '../../register/single-purpose-vouchers.ts'
import type { VoucherMove } from '../../register/vouchers.ts'
import { givenBackOf, nothingOn, takesOff, voucherMoves } from '../../register/vouchers.ts'
import { standingOf, unrelated } from './related-operations.ts'
import { refuseBeyond, useMarks, usesOf } from './uses.ts'

type Tax = CreateGoods['line_items'][number]['taxes'][number]

/** Operations that may take something off one voucher: each event that adds one contains all. */
const REDEMPTIONS_MAX = 100

/** The goods and payments of an operation as they were sent, and its id if it exists. */
type Naming = {
  readonly line_items?: CreateGoods['line_items'] | undefined
  readonly payments?: readonly Payment[] | undefined
  /** A return makes a voucher valid again that has something left. */
  readonly isReturn: boolean
  /** The sale that a return refers to. */
  readonly related?: string | undefined
  readonly except: string | undefined
  /** Undefined for goods that were checked before. */
  readonly paysFor?: PaysFor | undefined
}

/** True if a voucher that a sale sold at one tax pays for goods at another one: that of its key, although the rate changed. */
export type PaysFor = (sold: Tax, used: Tax, sale: SoldDocument) => boolean

/**
 * Checks what an operation does with the vouchers that it names, by what is left of those that were sold here; a number that
 * was not is from elsewhere. Returns true if it takes something off a voucher of one purpose of this merchant. Throws
 * `amount_exceeded`, `tax_rate_not_supported`, `unprocessable_entity`.
 */
export function checkNamedVouchers(
  view: View,
  merchant: string,
  moves: readonly VoucherMove[],
  naming: Naming,
): boolean {
  let isReferring = false
  for (const move of moves) {
    const { number, isSinglePurpose, isMultiPurpose } = move
    if (isSinglePurpose && isMultiPurpose)
      throw refused(`Voucher ${number} is named as one of one purpose and as a gift_card.`, number, naming)
    const sales = salesOf(view, merchant, number)
    if (isMultiPurpose) refuseSinglePurpose(view, sales, move, naming)
    else isReferring = checkSinglePurpose(view, { merchant, sales, move, naming }) || isReferring
  }
  return isReferring
}

/** A voucher of one purpose that was sold here is taxed already: as a payment, the goods would be taxed a second time. */
function refuseSinglePurpose(
  view: View,
  sales: readonly SoldDocument[],
  { number, takenOff }: VoucherMove,
  naming: Naming,
): void {
  if (sales.length === 0) return
  const isPaid = naming.payments?.some(({ gift_card_id: named }) => isSameVoucher(named, number)) === true
  if (isPaid || takenOff > 0n)
    throw refused(
      `Voucher ${number} has one purpose and was taxed when it was sold: redeem it in a negative line of type single_purpose_voucher, not as a payment.`,
      number,
      naming,
    )
  const { left } = stateOf(view, sales, number, naming.except)
  if (left > 0n) throw soldAgain(number, left, naming)
}

type SinglePurpose = { merchant: string; sales: readonly SoldDocument[]; move: VoucherMove; naming: Naming }

function checkSinglePurpose(view: View, named: SinglePurpose): boolean {
  const { sales, move, naming } = named
  const { number, putOn } = move
  if (putOn > 0n && takesOff(move)) throw refused(`Voucher ${number} is sold and redeemed at once.`, number, naming)
  if (sales.length === 0) {
    refuseMultiPurpose(view, named)
    return false
  }
  const state = stateOf(view, sales, number, naming.except)
  if (takesOff(move)) {
    refuseOtherKey(named)
    refuseMoreThanLeft(state, named)
  } else if (state.left > 0n && !naming.isReturn) throw soldAgain(number, state.left, naming)
  return takesOff(move)
}

/**
 * Throws `amount_exceeded` for a return that makes more of a voucher valid again than its sale took off it and no other return
 * has given back. `amended`: the id of the return, if it exists.
 */
export function checkValidAgain(
  view: View,
  related: SoldDocument,
  input: CreateGoods,
  amended: string | undefined,
): void {
  const given = validAgain(input)
  if (given.length === 0) return
  // Training is not limited by earlier operations, and no operation by its own former goods.
  const all = input.training === true ? [] : standingOf(view, related.own.returns)
  const others = all.filter(({ id }) => id !== amended)
  if (others.length >= RETURNS_MAX) throw unrelated(related.id, `has ${RETURNS_MAX} returns, which is the limit`)
  const before = others.flatMap(({ shown }) => validAgain(shown))
  for (const line of given) {
    const sumIn = (lines: typeof given): bigint =>
      sumOf(lines.filter((one) => voucherKey(one) === voucherKey(line)).map((one) => toCents(one.total_amount)))
    const left = -sumIn(related.shown.line_items.filter(isRedeemed)) - sumIn(before)
    const pointer = `/line_items/${input.line_items.indexOf(line)}/total_amount`
    refuseBeyond({ left, wanted: sumIn(given) }, `Voucher ${line.gift_card_id} in ${related.id}`, pointer)
  }
}

/** The lines of a return that make vouchers valid again. */
function validAgain({ type, line_items: lines }: Pick<CreateGoods, 'type' | 'line_items'>): CreateGoods['line_items'] {
  return type === 'return' ? lines.filter((line) => redeems(line, lines, true)) : []
}

/** A multi-purpose voucher of this merchant bore no tax: taken off like one that did, its goods would not be taxed. */
function refuseMultiPurpose(view: View, { merchant, move, naming }: SinglePurpose): void {
  const { number } = move
  const left = leftOnMultiPurpose(view, merchant, number)
  if (left === undefined) return
  if (takesOff(move))
    throw refused(`Voucher ${number} was sold as a gift_card: it is a payment of that method.`, number, naming)
  if (left > 0n) throw soldAgain(number, left, naming)
}

/** The tax was paid at the key of its sale: goods at another one would be taxed wrongly. */
function refuseOtherKey({ sales, move: { number }, naming: { line_items = [], paysFor } }: SinglePurpose): void {
  if (paysFor === undefined) return
  const soldAs = sales.flatMap((sale) =>
    linesOf(sale.shown.line_items, number).flatMap(({ taxes }) => taxes.map((tax) => ({ tax, sale }))),
  )
  for (const { taxes } of linesOf(line_items, number)) {
    const tax = taxes.find((one) => !soldAs.some(({ tax: sold, sale }) => paysFor(sold, one, sale)))
    if (tax === undefined) continue
    const rates = [...new Set(soldAs.map(({ tax: { rate } }) => rate))]
    const index = line_items.findIndex((line) => line.taxes === taxes)
    throw new FiskalError(
      'tax_rate_not_supported',
      `Voucher ${number} was sold at ${rates.join(', ')} and cannot be redeemed at ${tax.rate}.`,
      { pointer: `/line_items/${index}/taxes/0/rate`, gift_card_id: number, sold_at: rates },
    )
  }
}

function linesOf(lines: CreateGoods['line_items'], number: string): CreateGoods['line_items'] {
  return lines.filter((line) => isSameVoucher(line.gift_card_id, number))
}

function refuseMoreThanLeft({ left, uses }: VoucherState, { sales, move, naming }: SinglePurpose): void {
  const { number, takenOff } = move
  const index = naming.line_items?.findIndex((line) => isSameVoucher(line.gift_card_id, number)) ?? -1
  const wanted = takenOff + givenBackOf(soldBy(sales, number, naming.related), move)
  refuseBeyond({ left, wanted }, `Voucher ${number}`, `/line_items/${index}/total_amount`)
  if (uses.length < REDEMPTIONS_MAX) return
  throw new FiskalError(
    'unprocessable_entity',
    `Voucher ${number} is used by ${REDEMPTIONS_MAX} operations, which is the limit: sell a new one for the rest.`,
    { pointer: `/line_items/${index}/gift_card_id`, gift_card_id: number, limit: REDEMPTIONS_MAX },
  )
}

/** Records on the sale of each voucher of one purpose the operation that takes something off it. */
export function redemptionMarks(view: View, document: SoldDocument): NewEvent[] {
  const { merchant_id: merchant, training } = document.shown
  if (training === true) return []
  const originals = new Map<string, SoldDocument>()
  for (const move of movesOf(document)) {
    if (!move.isSinglePurpose || !takesOff(move)) continue
    const original = salesOf(view, merchant, move.number).at(-1)
    if (original !== undefined) originals.set(original.id, original)
  }
  return [...originals.values()].flatMap((original) => {
    const numbers = new Set(movesOf(original).map(({ number }) => voucherName(number)))
    const uses = (use: SoldDocument) =>
      movesOf(use).some((move) => takesOff(move) && numbers.has(voucherName(move.number)))
    return useMarks(view, { original, list: 'redemptions', uses }, document)
  })
}

/** Throws `related_operation_invalid` for the sale of a voucher of which something is redeemed: its tax was used. */
export function refuseRedeemed(view: View, original: SoldDocument): void {
  if (original.shown.training === true) return
  for (const { number, isSinglePurpose, putOn } of movesOf(original)) {
    if (!isSinglePurpose || putOn === 0n) continue
    const { left, uses } = stateOf(view, salesOf(view, original.shown.merchant_id, number), number, undefined)
    const own = usesOf(view, original, 'redemptions').filter((use) => takesOff(moveOn(use, number)))
    const last = own.at(-1) ?? uses.at(-1)
    if (last !== undefined && (own.length > 0 || left < putOn))
      throw unrelated(original.id, `sold voucher ${number}, of which ${last.id} took something off`)
  }
}

/** The rest of each voucher of either kind that an operation sold; a number that was sold again belongs to its newest sale. */
export function leftOfVouchers(view: View, document: SoldDocument): { number: string; left: bigint }[] {
  const { merchant_id: merchant } = document.shown
  return movesOf(document).flatMap(({ number, isMultiPurpose, putOn }) => {
    if (putOn === 0n) return []
    const sales = soldHere(view, merchant, number, isMultiPurpose)
    if (sales.findLast(({ kind }) => kind !== 'return')?.id !== document.id) return []
    const left = isMultiPurpose
      ? (leftOnMultiPurpose(view, merchant, number) ?? 0n)
      : stateOf(view, sales, number, undefined).left
    return [{ number, left }]
  })
}

/** The rest of a voucher of one purpose; `uses`: the operations that take something off it. */
type VoucherState = {
  readonly left: bigint
  readonly uses: readonly SoldDocument[]
}

function stateOf(view: View, sales: readonly SoldDocument[], number: string, except: string | undefined): VoucherState {
  const marked = new Map(
    sales.flatMap((sale) => usesOf(view, sale, 'redemptions', except)).map((use) => [use.id, use] as const),
  )
  let left = sales.reduce((sum, sale) => sum + moveOn(sale, number).putOn, 0n)
  const uses = [...marked.values()].filter((use) => {
    const move = moveOn(use, number)
    left -= move.takenOff + givenBackOf(soldBy(sales, number, originalIn(use)), move)
    return takesOff(move)
  })
  return { left, uses }
}

/** The price of a voucher by the sale that a return refers to; of another one by the newest sale of the number. */
function soldBy(sales: readonly SoldDocument[], number: string, related: string | undefined): VoucherMove {
  const sale = sales.find(({ id }) => id === related) ?? sales.at(-1)
  return sale === undefined ? nothingOn(number) : moveOn(sale, number)
}

/**
 * The completed operations that made a number valid as a single-purpose voucher: sales that were not reversed, the oldest
 * first, and returns that gave it back. Empty for a number that was not sold here.
 */
function salesOf(view: View, merchant: string, number: string): SoldDocument[] {
  const all = soldHere(view, merchant, number, false)
  return all.every(({ kind }) => kind === 'return') ? [] : all
}

/** The same for a voucher of either kind. To put money on a multi-purpose voucher again counts as a sale of it. */
function soldHere(view: View, merchant: string, number: string, ofMany: boolean): SoldDocument[] {
  return namings(view, merchant, number).flatMap(({ document }) => {
    if (!isSold(document) || document.shown.training === true || document.own.reversal.state === 'reversed') return []
    const { isSinglePurpose, isMultiPurpose, putOn } = moveOn(document, number)
    return (ofMany ? isMultiPurpose : isSinglePurpose) && putOn > 0n ? [document] : []
  })
}

function movesOf({ shown, own }: GoodsDocument): VoucherMove[] {
  return voucherMoves(shown, own.counted_statuses)
}

function moveOn(document: GoodsDocument, number: string): VoucherMove {
  return movesOf(document).find((move) => isSameVoucher(move.number, number)) ?? nothingOn(number)
}

function soldAgain(number: string, left: bigint, naming: Naming): FiskalError {
  return refused(`Voucher ${number} has ${formatCents(left)} left: sell another number.`, number, naming)
}

function refused(message: string, number: string, { line_items: lines = [], payments = [] }: Naming): FiskalError {
  const isNamed = ({ gift_card_id: named }: { gift_card_id?: string | undefined }) => isSameVoucher(named, number)
  const [line, payment] = [lines.findIndex(isNamed), payments.findIndex(isNamed)]
  const place = line === -1 ? `/payments/${payment}` : `/line_items/${line}`
  return new FiskalError('unprocessable_entity', message, { pointer: `${place}/gift_card_id`, gift_card_id: number })
}
