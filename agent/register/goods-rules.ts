import { formatAtoms, formatCents, formatRounded, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { centsOf, isMinus, QUANTITY_MIN, refuseForeignCurrency } from './amounts.ts'
import { isGivenBack } from './cart-discount.ts'
import { givesDepositBack } from './deposits.ts'
import { isBack } from './direction.ts'
import { checkGift, isGift } from './gifts.ts'
import type { LawMembers } from './law-members.ts'
import type { PartsEndedBy } from './line-totals.ts'
import { checkLineTotals } from './line-totals.ts'
import { isDeposit, lineRules } from './line-types.ts'
import { checkNegativeLines } from './negative-lines.ts'
import { checkSettlementLine } from './on-account.ts'
import { checkOrderLineId } from './order-line-ids.ts'
import { checkSinglePurposeVoucher } from './single-purpose-vouchers.ts'
import type { Ratio, TaxPrecision } from './tax-amount.ts'
import { exactTax, expectedTax, isTaxAmount, isWithin, sumOfTaxes } from './tax-amount.ts'
import { checkUnpaid } from './unpaid.ts'

const HALF_CENT_ATOMS = 500_000n
const CAPTURE_NEEDS = 'A deposit_capture needs the related_operation_id of its deposit.'
/** Operations that refer to an earlier one, or take ordered goods back, and may have the rates of its day. */
const REFERRING: readonly string[] = ['return', 'exchange', 'deposit_capture', 'order', 'transfer']

type Line = CreateGoods['line_items'][number]

/** The rules that the law of the register adds to those of every shop. */
export type GoodsRules = {
  /** Its answers for members that not every law has; undefined without a law. */
  members: LawMembers | undefined
  /**
   * True for a rate of the law today; for returned goods also for a former rate. Rate and code as in the request: `0.20` is
   * the same as `0.2`. The line may name the operation that it comes from.
   */
  knowsRate(rate: string, code: string | undefined, comesBack: boolean, line: Line): boolean
  /** The law's reasons for a rate of 0. */
  zeroRateCodes: readonly string[]
  taxPrecision: TaxPrecision
  partsEndedBy?: PartsEndedBy
}

/**
 * Throws FiskalError for the first broken rule of a goods movement: members that the law does not have, currency, source,
 * references, signs, sums, totals of lines, gift cards, rates, tax amounts. Later checks rely on the earlier ones: a wrong
 * sign is not reported as a wrong tax.
 */
export function checkGoods(request: CreateGoods, rules: GoodsRules): void {
  const { members } = rules
  if (members?.lacksAny === true) members.check(request)
  refuseForeignCurrency(request.currency)
  switch (request.type) {
    case 'order':
    case 'transfer':
    case 'employee_benefit':
      checkUnpaid(request)
      break
    default:
      checkSource(request)
      checkReferences(request, members)
      checkDepositLines(request)
  }
  checkQuantities(request, members)
  checkSigns(request, members)
  checkSums(request)
  checkLineTotals(request, rules.partsEndedBy)
  for (const [index, line] of request.line_items.entries()) {
    checkType(request, line, index)
    checkRates(line, index, rules, isOfEarlierDay(request, line))
  }
  const taxes = request.line_items.flatMap((line, index) => checkLineTaxes(line, index, rules.taxPrecision))
  checkOperationTax(request.tax_amount, taxes)
}

function checkSource({ source, register_id, training }: CreateGoods): void {
  const named = register_id !== undefined && register_id !== null
  if (source === 'POS' && !named) throw unprocessable('source POS needs register_id.', '/register_id')
  if (source === 'ONLINE' && named)
    throw unprocessable('register_id must be absent or null for source ONLINE.', '/register_id')
  if (source === 'ONLINE' && training === true) throw unprocessable('Training happens at a register.', '/training')
}

function checkReferences(request: CreateGoods, members: LawMembers | undefined): void {
  const { type, related_operation_id: own, related_external_id: named, external_related_operation: external } = request
  const sent = [own, external].filter((reference) => reference !== undefined).length
  if (named !== undefined) throw unprocessable(wrongReference(type), '/related_external_id')
  if (type === 'sale' || type === 'deposit') {
    if (sent > 0) throw unprocessable(`A ${type} refers to no other operation.`, '/related_operation_id')
  } else if (type === 'deposit_capture' && external !== undefined) {
    throw unprocessable(CAPTURE_NEEDS, '/related_operation_id')
  } else if (sent !== 1) {
    checkUnreferred(request, sent, members)
  }
  if (type !== 'sale' && request.cart_level_discounts !== undefined) {
    throw unprocessable('cart_level_discounts belong to a sale.', '/cart_level_discounts')
  }
}

/** An operation without one reference: its lines name each deposit or claim, or it takes empties back. */
function checkUnreferred(request: CreateGoods, sent: number, members: LawMembers | undefined): void {
  const { type } = request
  if (sent === 0 && (namesEachDeposit(request) || needsNoOriginal(request, members))) return
  if (type === 'deposit_capture') throw unprocessable(CAPTURE_NEEDS, '/related_operation_id')
  throw unprocessable(
    `The ${type} needs exactly one of related_operation_id and external_related_operation.`,
    '/related_operation_id',
  )
}

/** The own id of a till that was not resolved: the type has no original, or another reference was sent, too. */
function wrongReference(type: CreateGoods['type']): string {
  if (type === 'sale' || type === 'deposit') return `A ${type} refers to no other operation.`
  return `The ${type} needs exactly one reference: send related_external_id alone.`
}

/**
 * True for a return of claims, in which each line names its claim, and for one of empties, which come back without the
 * receipt of their sale (DSFinV-K Anhang C, PfandRueckzahlung). Throws `not_supported_by_law`.
 */
function needsNoOriginal({ type, line_items: lines }: CreateGoods, members: LawMembers | undefined): boolean {
  if (type !== 'return' || lines.length === 0) return false
  if (lines.every((line) => lineRules(line.type).isSettlement)) return true
  if (!lines.every((line) => lineRules(line.type).comesBackAlone)) return false
  members?.require('empties_alone', '/related_operation_id')
  return true
}

/** True if each line of type `deposit` names its deposit; a return has no other lines then. */
function namesEachDeposit({ type, line_items: lines }: CreateGoods): boolean {
  const deposits = lines.filter(isDeposit)
  const isAll = type === 'deposit_capture' || (type === 'return' && deposits.length === lines.length)
  return isAll && deposits.length > 0 && deposits.every((line) => line.related_operation_id !== undefined)
}

function checkLineReference({ type: owner }: CreateGoods, line: Line, index: number): void {
  const { external_related_operation: external } = line
  const pointer = `/line_items/${index}/related_operation_id`
  if (external !== undefined)
    throw unprocessable(
      `Line ${index} may have one of related_operation_id and external_related_operation, not both.`,
      pointer,
    )
  if (isDeposit(line) && owner === 'deposit')
    throw unprocessable(`Line ${index} pays a deposit: it refers to no other operation.`, pointer)
}

/**
 * A deposit and its return have only lines of type `deposit`. Such lines are also allowed in a capture, and in the return
 * of a capture next to its goods.
 */
function checkDepositLines(request: CreateGoods): void {
  const { type, line_items, related_operation_id: own } = request
  const deposits = line_items.filter(isDeposit).length
  const isWhole = deposits === line_items.length
  // Without lines yet, the rules about them wait.
  if (line_items.length === 0) return
  if (type === 'deposit') {
    if (!isWhole) throw unprocessable('Every line of a deposit has type deposit.', '/line_items')
  } else if (type === 'deposit_capture') {
    if (deposits === 0)
      throw unprocessable('A deposit_capture takes its deposit off in a negative line of type deposit.', '/line_items')
  } else if (type === 'return' && deposits > 0) {
    const original = isWhole ? 'deposit' : 'deposit_capture'
    if (own === undefined && !namesEachDeposit(request))
      throw unprocessable(
        `Lines of type deposit come back by the related_operation_id of their ${original}.`,
        '/related_operation_id',
      )
  } else if (deposits > 0) {
    throw unprocessable(`A ${type} has no lines of type deposit.`, '/line_items')
  }
}

/** A quantity that is 0 in the books would be written as one piece there. */
function checkQuantities(request: CreateGoods, members: LawMembers | undefined): void {
  for (const [index, line] of request.line_items.entries()) {
    const { quantity } = line
    if (line.order_line_id !== undefined) checkOrderLineId(request, line, index)
    if (line.agency_id !== undefined) checkAgencyLine(line, index)
    if (line.department !== undefined) members?.require('department', `/line_items/${index}/department`)
    if (isGift(line)) checkGift(request, line, index, members)
    if (Math.abs(Number(quantity)) >= QUANTITY_MIN) continue
    const message = `Quantity ${quantity} of line ${index} is 0 in the books: send grams instead of kilogrammes, or leave the line out.`
    throw unprocessable(message, `/line_items/${index}/quantity`)
  }
}

/** A tip, a claim or a deposit is the merchant's own. */
function checkAgencyLine({ type }: Line, index: number): void {
  if (lineRules(type).forAgency) return
  throw unprocessable(
    `Line ${index} has type ${type}: an agency has goods, Pfand and vouchers only.`,
    `/line_items/${index}/agency_id`,
  )
}

function checkSigns(request: CreateGoods, members: LawMembers | undefined): void {
  const { type, line_items } = request
  // Goods without payments lower what they have, as a sale does: they take nothing back alone.
  const isUnpaid = type === 'transfer' || type === 'employee_benefit'
  if (isUnpaid) checkSign('sale', request.total_amount, '/total_amount')
  let isMixed = false
  if (type === 'sale' || isUnpaid) for (const { total_amount: total } of line_items) isMixed ||= isMinus(total)
  if (isMixed) checkNegativeLines(request, members)
  else checkSign(type, request.total_amount, '/total_amount')
  checkSign(type === 'deposit_capture' ? 'sale' : type, request.tip_amount, '/tip_amount')
  for (const [index, line] of line_items.entries()) {
    if (line.related_operation_id !== undefined) checkLineReference(request, line, index)
    if (!isMixed) checkSign(signRule(request, line), line.total_amount, `/line_items/${index}/total_amount`)
    checkDiscounts(line.discounts, `/line_items/${index}/discounts`)
  }
  checkDiscounts(request.cart_level_discounts, '/cart_level_discounts')
}

/**
 * The type whose sign rule holds for a line: a capture sells the goods and takes the deposit off, its return does the
 * opposite.
 */
function signRule(request: CreateGoods, line: Line): CreateGoods['type'] {
  const { type } = request
  switch (lineRules(line.type).inSale) {
    case 'redeemed':
      // A return takes a voucher back, or makes one valid again: both signs, as in an exchange.
      if (type === 'return') return 'exchange'
      return type === 'deposit_capture' ? 'sale' : type
    case 'positive':
    case 'cancelling':
    case 'any':
      return type === 'deposit_capture' ? 'sale' : type
    case 'absent':
      if (type === 'deposit_capture') return 'return'
      return givesDepositBack(request) ? 'sale' : type
  }
}

function checkSign(type: CreateGoods['type'], amount: string, pointer: string): void {
  const atoms = toAtoms(amount)
  const given = type === 'sale' || type === 'deposit'
  if (given && atoms < 0n) throw unprocessable(`${pointer} must not be negative here.`, pointer)
  if (type === 'return' && atoms > 0n) throw unprocessable(`${pointer} must not be positive here.`, pointer)
}

function checkDiscounts(discounts: Line['discounts'], pointer: string): void {
  for (const [index, { amount }] of (discounts ?? []).entries()) {
    const at = `${pointer}/${index}/amount`
    if (toAtoms(amount) <= 0n) throw unprocessable(`${at} must be more than 0: it is taken off.`, at)
  }
}

function checkSums(request: CreateGoods): void {
  const total = centsOf(request.total_amount, '/total_amount')
  const tip = centsOf(request.tip_amount, '/tip_amount')
  const parts = toAtoms(request.pretax_amount) + toAtoms(request.tax_amount) + toAtoms(request.tip_amount)
  if (parts !== toAtoms(request.total_amount)) {
    const sum = formatRounded(parts, 100_000_000n, 8)
    throw new FiskalError('amount_mismatch', `pretax + tax + tip is ${sum}, total_amount ${request.total_amount}.`, {
      pointer: '/total_amount',
      sum,
      total_amount: request.total_amount,
    })
  }
  let lines = 0n
  for (const [index, line] of request.line_items.entries()) {
    lines += centsOf(line.total_amount, `/line_items/${index}/total_amount`)
  }
  if (lines + tip !== total) {
    const sum = formatCents(lines + tip)
    throw new FiskalError(
      'amount_mismatch',
      `The lines and the tip are ${sum}, total_amount ${request.total_amount}.`,
      {
        pointer: '/line_items',
        sum,
        total_amount: request.total_amount,
      },
    )
  }
}

function checkType(request: CreateGoods, line: Line, index: number): void {
  const { voucher, isTurnover, isSettlement } = lineRules(line.type)
  if (voucher === 'single_purpose') checkSinglePurposeVoucher(request, line, index)
  if (isTurnover) return
  if (isSettlement) {
    checkSettlementLine(request, line, index)
    return
  }
  const taxed = line.taxes.some(({ rate, tax_amount }) => toAtoms(rate) !== 0n || toAtoms(tax_amount) !== 0n)
  if (!taxed) return
  throw new FiskalError('gift_card_tax_rate_must_be_zero', `The gift card of line ${index} must be untaxed.`, {
    line_index: index,
  })
}

/**
 * True for goods or a deposit of an earlier day, which may have the rates of that day: in a sale, lines that say where they
 * come from. Goods that a capture or an exchange supplies are taxed at today's rates.
 */
function isOfEarlierDay({ type }: CreateGoods, line: Line): boolean {
  const reference = line.related_operation_id ?? line.external_related_operation
  if (type === 'sale') return reference !== undefined && isGivenBack(line, toCents(line.total_amount))
  return type === 'return' || (REFERRING.includes(type) && isBack(line, { type }))
}

function checkRates(line: Line, index: number, rules: GoodsRules, isOld: boolean): void {
  const { isTurnover, isSettlement } = lineRules(line.type)
  for (const [taxIndex, { rate, code }] of line.taxes.entries()) {
    // An untaxed voucher needs no reason, and a claim has its own ones.
    const isExcused = !isTurnover && (code === undefined || isSettlement)
    if (isExcused || rules.knowsRate(rate, code, isOld, line)) continue
    throw unknownRate({ rate, code }, { line_index: index, tax_index: taxIndex, rate }, rules.zeroRateCodes)
  }
}

function unknownRate(
  { rate, code }: { rate: string; code: string | undefined },
  place: { line_index: number; tax_index: number; rate: string },
  codes: readonly string[],
): FiskalError {
  const isZero = toAtoms(rate) === 0n
  const more = { ...place, pointer: `/line_items/${place.line_index}/taxes/${place.tax_index}/rate` }
  const has = `Line ${place.line_index} has rate ${rate}`
  // A percentage, as 7 for 7 %.
  const hint = Number(rate) < 1 ? '' : `: for ${rate} % send ${formatAtoms(toAtoms(rate) / 100n)}`
  if (!isZero && code === undefined)
    return new FiskalError('tax_rate_not_supported', `The law of the register has no rate ${rate}${hint}.`, more)
  if (!isZero)
    return new FiskalError('tax_rate_not_supported', `${has} with code ${code}. A code belongs to rate 0.`, more)
  const which = code === undefined ? 'without a code' : `with code ${code}`
  const message = `${has} ${which}. Codes of this law: ${codes.join(', ')}.`
  return new FiskalError('tax_rate_not_supported', message, { ...more, codes })
}

/** The exact taxes of the line; throws `tax_amount_precision_invalid` if a tax amount in the request differs. */
function checkLineTaxes(line: Line, index: number, precision: TaxPrecision): Ratio[] {
  const rates = line.taxes.map(({ rate }) => toAtoms(rate))
  const allRates = rates.reduce((sum, rate) => sum + rate, 0n)
  return line.taxes.map(({ rate, tax_amount }, taxIndex) => {
    const exact = exactTax(toAtoms(line.total_amount), toAtoms(rate), allRates)
    if (isTaxAmount(tax_amount, exact, precision)) return exact
    const expected = expectedTax(exact)
    throw new FiskalError(
      'tax_amount_precision_invalid',
      `The tax_amount of line ${index} is ${tax_amount}; ${line.total_amount} at ${rate} contains ${expected.expected_8dp}.`,
      { line_index: index, tax_index: taxIndex, tax_amount, ...expected },
    )
  })
}

/** The tolerance is half a cent for each entry, because a client may round each before it adds them. */
function checkOperationTax(taxAmount: string, taxes: readonly Ratio[]): void {
  const exact = sumOfTaxes(taxes)
  const entries = BigInt(Math.max(1, taxes.length))
  if (isWithin(toAtoms(taxAmount), exact, HALF_CENT_ATOMS * entries)) return
  const expected = expectedTax(exact)
  throw new FiskalError(
    'amount_mismatch',
    `tax_amount is ${taxAmount}, but the lines contain ${expected.expected_8dp} of tax.`,
    { pointer: '/tax_amount', tax_amount: taxAmount, ...expected },
  )
}
