import { localDate, PLAUSIBLE_MS, parseRfc3339 } from '../../../base/clock.ts'
import { toAtoms } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { Payment } from '../../contract/payment.ts'
import { FiskalError } from '../../errors.ts'
import type { MovementDocument, SoldDocument } from '../../journal/documents/document.ts'
import type { Members } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { originOfVoucher } from '../../laws/used-vouchers.ts'
import { givesDepositBack, rateKey, takesOffDeposit } from '../../register/deposits.ts'
import { isReferenced } from '../../register/direction.ts'
import { checkGoods } from '../../register/goods-rules.ts'
import { ONLINE_MEMBERS } from '../../register/law-members.ts'
import { isDeposit, lineRules } from '../../register/line-types.ts'
import { takesOff, voucherMoves } from '../../register/vouchers.ts'
import { requireAgency } from '../guards.ts'
import type { TillParts } from '../parts.ts'
import { checkDeposits, depositsIn, paidOutDeposits, refuseDepositAlone } from './deposits.ts'
import { checkOpenLines, isAtOrderedRate, partsEndedBy } from './order-effects.ts'
import { refuseUndone, soldDocument } from './related-operations.ts'
import { checkSettlement } from './settlements.ts'
import type { PaysFor } from './vouchers.ts'
import { checkNamedVouchers, checkValidAgain } from './vouchers.ts'

/**
 * `related`: the operation that the goods refer to, if it exists; `law`: undefined if this agent does not have it;
 * `amended`: the operation whose goods they replace.
 */
export type Goods = {
  input: CreateGoods
  merchant: string
  law: LawRules | undefined
  related: SoldDocument | undefined
  amended?: MovementDocument
}

type Line = CreateGoods['line_items'][number]
const NOTHING = {}

/** The goods or the payments of an operation that is not training. `sent`: with the payments that are not part of the total. */
type Moved = {
  type: string
  line_items?: CreateGoods['line_items']
  payments?: readonly Payment[]
  sent?: readonly Payment[]
  related_operation_id?: string | undefined
  paysFor?: PaysFor
}

/**
 * Throws FiskalError for the first rule that the goods of an operation break: those of every shop, of what they refer to,
 * and of the law. Returns true if they refer to an operation, as a whole or by a line.
 */
export function checkGoodsRules(parts: Pick<TillParts, 'clock' | 'taxPrecision'>, view: View, goods: Goods): boolean {
  const { input, merchant, law, related, amended } = goods
  // If the clock lost its time, selling continues at the rates of the earliest plausible date.
  const zone = (law?.vat?.isConfigured === true ? zoneOf(view, input) : law?.facts.timeZone) ?? 'UTC'
  const date = localDate(Math.max(parts.clock.now(), PLAUSIBLE_MS), zone)
  const begunOn = amended === undefined ? date : (begunDate(amended, zone) ?? date)
  checkGoods(input, {
    members: input.source === 'ONLINE' ? ONLINE_MEMBERS : law?.members,
    knowsRate: (rate, code, comesBack, line) =>
      (law?.knowsRate(rate, code, date, comesBack) ?? true) ||
      (begunOn !== date && law?.knowsRate(rate, code, begunOn, comesBack) === true) ||
      (comesBack && hasTax(originalOfLine(view, line, related), rate, code)) ||
      isAtOrderedRate(view, input, line),
    zeroRateCodes: law?.zeroRateCodes ?? [],
    taxPrecision: parts.taxPrecision,
    partsEndedBy: (index) => partsEndedBy(view, input, index),
  })
  const paysFor: PaysFor = (...taxes) => isOfOneKey(law, date, ...taxes)
  let isReferring = input.training !== true && checkVouchers(view, merchant, { ...input, paysFor }, amended?.id)
  isReferring ||= input.related_operation_id !== undefined
  for (const [index, line] of input.line_items.entries())
    if ((line.related_operation_id ?? line.agency_id) !== undefined)
      isReferring = checkOriginOf(view, goods, line, index) || isReferring
  if (isReferring) checkReferred(view, goods)
  law?.checkGoods(input)
  if ('allocation_group' in input && input.allocation_group !== undefined)
    checkOpenLines(view, input, input.allocation_group)
  return isReferring
}

/** True if a voucher of one purpose that a sale sold at one tax pays for goods at another one on that date. */
function isOfOneKey(law: LawRules | undefined, date: string, ...[sold, used, sale]: Parameters<PaysFor>): boolean {
  const { shown, parts } = sale
  if (law?.voucherPays !== undefined) return law.voucherPays(sold, used, shown.completed_at ?? shown.created_at)
  const keyOf = (tax: typeof used, state?: Members) => law?.vat?.keyOf(tax, date, state) ?? rateKey(tax)
  return keyOf(sold, parts.law) === keyOf(used)
}

/** Checks the operation that the goods come from as a whole, and the deposits. */
function checkReferred(view: View, goods: Goods): void {
  const { input, amended } = goods
  if (input.related_operation_id !== undefined) refuseUndone(referable(goods, input.related_operation_id), input)
  checkDeposits(view, goods, amended?.id)
  if (goods.related !== undefined) checkValidAgain(view, goods.related, input, amended?.id)
}

/** The local date on which an open operation began. */
function begunDate({ shown: { created_at: at } }: MovementDocument, zone: string): string | undefined {
  const begunMs = parseRfc3339(at)
  return begunMs === undefined ? undefined : localDate(Math.max(begunMs, PLAUSIBLE_MS), zone)
}

/** The agency of a line, and the operation that its goods come from. Returns true if the line names one. */
function checkOriginOf(view: View, goods: Goods, line: Line, index: number): boolean {
  const { related_operation_id: id, agency_id: agency } = line
  const { input, merchant } = goods
  if (agency !== undefined) requireAgency(view, merchant, input.register_id ?? '', agency, index)
  if (id === undefined) return false
  if (!isDeposit(line)) checkLineReference(view, goods, id, index)
  return true
}

/**
 * The state of the law with the meaning of rates and codes of the configuration that the goods use; undefined if they use
 * none. Only for goods that refer to an operation, or if the configuration has any.
 */
export function rememberedVat(clock: TillParts['clock'], view: View, goods: Goods): Members | undefined {
  const { input, law, related, amended } = goods
  const zone = zoneOf(view, input) ?? law?.facts.timeZone ?? 'UTC'
  const date = localDate(Math.max(clock.now(), PLAUSIBLE_MS), zone)
  const begunOn = amended && begunDate(amended, zone)
  return law?.vat?.remembered(input.line_items, {
    days: [date, begunOn ?? date],
    before: amended?.parts.law ?? NOTHING,
    originalOf: (line) => originalOfLine(view, line, related)?.parts.law,
  })
}

/** A rate of the configuration begins at midnight in the zone of the shop. */
function zoneOf(view: View, { register_id: register }: CreateGoods): string | undefined {
  const location = view.register(register ?? '')?.shown.location_id
  return location === undefined ? undefined : view.location(location)?.shown.timezone
}

/** The operation that the goods of a line come from; `related`: that of the whole operation. */
function originalOfLine(view: View, line: Line, related: SoldDocument | undefined): SoldDocument | undefined {
  if (!isReferenced(line)) return related
  return line.related_operation_id === undefined ? undefined : soldDocument(view, line.related_operation_id)
}

function checkLineReference(view: View, { input, merchant, amended }: Goods, id: string, index: number): void {
  const original = referableByLine(view, { input, merchant }, id, index)
  refuseUndone(original, input)
  const isSettlement = lineRules(input.line_items[index]?.type).isSettlement
  if (isSettlement) checkSettlement(view, original, { input, index, amended: amended?.id })
}

function referableByLine(
  view: View,
  { input: { type }, merchant }: Pick<Goods, 'input' | 'merchant'>,
  id: string,
  index: number,
): SoldDocument {
  const original = soldDocument(view, id)
  const isOurs = original?.shown.status === 'completed' && original.shown.merchant_id === merchant
  if (isOurs && original.kind !== 'deposit') return original
  throw new FiskalError(
    'related_operation_invalid',
    `${id} of line ${index} is not a completed operation of this merchant that goods of a ${type} come from.`,
    { pointer: `/line_items/${index}/related_operation_id`, related_operation_id: id, line_index: index },
  )
}

/** Goods sold with a code that the law no longer has can be returned. */
function hasTax(original: SoldDocument | undefined, rate: string, code: string | undefined): boolean {
  const taxes = original?.shown.line_items.flatMap((line) => line.taxes) ?? []
  return taxes.some((tax) => tax.code === code && toAtoms(tax.rate) === toAtoms(rate))
}

function referable({ input, merchant, related }: Goods, id: string): SoldDocument {
  if (related?.shown.status === 'completed' && related.shown.merchant_id === merchant) {
    refuseDepositAlone(related, input)
    if (isReferable(related, input)) return related
  }
  const isAborted = related?.shown.status === 'voided' && related.shown.merchant_id === merchant
  const why = isAborted ? ': it was voided, and has neither goods nor money' : ''
  const message = `${id} is not a completed ${originalFor(input)}${why}.`
  throw new FiskalError('related_operation_invalid', message, { related_operation_id: id })
}

function isReferable({ kind }: SoldDocument, input: CreateGoods): boolean {
  // A return without lines yet may be one of goods or of a deposit.
  if (input.type === 'return' && input.line_items.length === 0) return true
  if (givesDepositBack(input)) return kind === 'deposit_capture'
  return (kind === 'deposit') === takesOffDeposit(input)
}

/** The original that an operation needs, in words. */
function originalFor(input: CreateGoods): string {
  if (givesDepositBack(input)) return 'deposit_capture of this merchant'
  return takesOffDeposit(input)
    ? 'deposit of this merchant'
    : `operation of this merchant that goods of a ${input.type} come from`
}

/** The law recorded nothing of what comes back: then it may omit the return, too. */
export function refersToUnrecorded(view: View, related: SoldDocument | undefined, input: CreateGoods): boolean {
  const deposits = takesOffDeposit(input) ? depositsIn(view, input, related?.id) : []
  const whole = related === undefined ? [] : [related, ...paidOutDeposits(view, related, input)]
  const originals = deposits.length > 0 ? deposits : whole
  return originals.length > 0 && originals.every(({ shown }) => shown.fiscal.state === 'not_required')
}

/**
 * Checks the vouchers that an operation names; `except`: its id, if it exists. Returns true if it takes something off a voucher of one purpose
 * that was sold here. Throws `related_operation_invalid` if money is taken off a voucher that exists in training only: nothing
 * made there has an effect on anything real. A number that was also sold is a real one, and an unknown one is from elsewhere.
 */
export function checkVouchers(view: View, merchant: string, moved: Moved, except: string | undefined): boolean {
  const counted = (moved.payments ?? []).map(({ status }) => status)
  const moves = voucherMoves(moved, counted)
  if (moves.length === 0) return false
  for (const move of moves) {
    const { number, putOn } = move
    if (!takesOff(move) || putOn > 0n || originOfVoucher(view, merchant, number) !== 'training') continue
    throw new FiskalError(
      'related_operation_invalid',
      `Voucher ${number} was sold in training and never for real: nothing can be taken off it.`,
      { gift_card_id: number },
    )
  }
  const { line_items, sent: payments, related_operation_id: related, paysFor } = moved
  const isReturn = moved.type === 'return'
  return checkNamedVouchers(view, merchant, moves, { line_items, payments, isReturn, related, except, paysFor })
}
