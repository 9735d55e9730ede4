import { absolute, divideRounded, toAtoms, toCents, wholeCents } from '../../../base/money.ts'
import type { RtAdjustment, RtDeduction, RtLine } from '../../../drivers/ports/rt-printer.ts'
import type { CreateGoods, LineType } from '../../contract/goods.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { cartShares, discountCents, listCents as sentCents, sumOf } from '../../register/cart-discount.ts'
import { isBack } from '../../register/direction.ts'
import { giftCents } from '../../register/gifts.ts'
import { DEFAULT_LINE_TYPE, lineRules } from '../../register/line-types.ts'
import { isRate, ROUNDING, TIP } from './books/rates.ts'
import type { RoundedUp } from './payments.ts'
import { isOnReso } from './sides.ts'
import type { Reso } from './state.ts'
import type { TakenOff } from './taken-off.ts'
import { stornosIn } from './taken-off.ts'
import type { Departments } from './vat.ts'
import { departmentKeyed, departmentOf } from './vat.ts'
import { worded } from './words.ts'

type Line = CreateGoods['line_items'][number]
type Discount = NonNullable<Line['discounts']>[number]
/** Amounts and lines of an operation as stored in its document. */
export type Goods = {
  readonly type: GoodsDocument['kind']
  readonly tip_amount: string
  readonly total_amount: string
  readonly line_items: readonly Line[]
  readonly cart_level_discounts?: readonly Discount[] | undefined
}

export function goodsOf(document: GoodsDocument): Goods {
  const { kind: type } = document
  const { tip_amount, total_amount, line_items } = document.shown
  const isOfCart = document.kind === 'sale' || document.kind === 'void'
  const cart_level_discounts = isOfCart ? document.shown.cart_level_discounts : undefined
  return { type, tip_amount, total_amount, line_items, cart_level_discounts }
}

export type LineSettings = {
  departments: Departments
  /** Keys of `departments` where the law lets the shop choose. */
  giftCardDepartment: string
  tipDepartment: string
  /** Null: cash is not rounded up. */
  roundingDepartment: string | null
}

/** Lines of one document; lines without a price become texts. */
export type PrintedLines = { lines: RtLine[]; deductions: RtDeduction[]; texts: string[]; totalCents: bigint }

/**
 * Amounts of a sale that are not paid are deducted from its document: an advance and a voucher of one purpose by their
 * negative lines, a gift by its value. A negative line that is `never` deducted belongs to a reso.
 */
const BELOW_ZERO: { readonly [Type in LineType]: RtDeduction['reason'] | 'never' } = {
  item: 'never',
  gift_card: 'never',
  container_deposit: 'never',
  service_charge: 'never',
  deposit: 'advance',
  receivable: 'never',
  single_purpose_voucher: 'single_use_voucher',
  omaggio: 'gift',
}
const GIFT = 'OMAGGIO'
const MILLE = 1000n
const ATOMS_PER_THOUSANDTH = 100_000n
const QUANTITY_MAX = 99_999_000n

/** The given goods, the deposits deducted from them, and the tip. */
export function soldLines(sent: Goods, settings: LineSettings): PrintedLines {
  const goods = worded(sent)
  const shares = cartShares({ line_items: goods.line_items, cart_level_discounts: goods.cart_level_discounts })
  const because = goods.cart_level_discounts?.[0]?.description
  const printed = emptyLines()
  const { on, covered } = stornosIn(goods)
  for (const [index, line] of goods.line_items.entries()) {
    const cents = toCents(line.total_amount)
    const reason = BELOW_ZERO[line.type ?? DEFAULT_LINE_TYPE]
    if (reason === 'gift') addGift(printed, line, settings)
    else if (reason !== 'never' && cents < 0n) addDeduction(printed, line, { reason, cents: -cents }, settings)
    else if (reason !== 'never' || !isBack(line, goods)) {
      const priced = soldAs(line, { cents, cartCents: shares[index] ?? 0n, because })
      addLine(printed, line, lessTakenOff(priced, on.get(index)), settings)
    } else if (!covered.has(index) && !isOnReso(line, goods)) throw unprinted(goods, index, 'no negative lines')
  }
  const tip = toCents(goods.tip_amount)
  if (tip > 0n) addTip(printed, tip, settings)
  return printed
}

/**
 * The returned goods, with positive amounts as a reso requires and at the price that was paid: printers compare each
 * line with the rest of the original before a discount is sent.
 */
export function returnedLines(goods: Goods, settings: LineSettings): PrintedLines {
  const printed = emptyLines()
  for (const [index, line] of worded(goods).line_items.entries()) {
    if (isOnReso(line, goods))
      addLine(printed, line, { listCents: -toCents(line.total_amount), adjustments: [] }, settings)
    else if (goods.type === 'return') throw unprinted(goods, index, 'only goods that come back')
  }
  const tip = -toCents(goods.tip_amount)
  if (tip > 0n) addTip(printed, tip, settings)
  return printed
}

/**
 * Lines and texts of one of several resi: of a line that is divided, and of goods on the document of a deposit, one piece
 * with its title. `hasItsLines`: on the document that these lines come from. Goods at 0.00 are on the first one.
 */
export function resoLines(
  goods: Goods,
  { reso, isFirst, hasItsLines }: { reso: Reso; isFirst: boolean; hasItsLines: boolean },
  settings: LineSettings,
): PrintedLines {
  const printed = emptyLines()
  for (const [index, line] of worded(goods).line_items.entries()) {
    const cents = BigInt(reso.lines[index] ?? 0)
    const isWhole = cents === -toCents(line.total_amount)
    const isText = isWhole && cents === 0n && isFirst
    if (isText || (isWhole && hasItsLines && cents > 0n))
      addLine(printed, line, { listCents: cents, adjustments: [] }, settings)
    else if (cents > 0n) addPiece(printed, line, cents, settings)
  }
  const tip = BigInt(reso.tip)
  if (tip > 0n) addTip(printed, tip, settings)
  return printed
}

/** The refusal of a line that no document of the operation would have: it would be missing on paper. */
function unprinted({ type, line_items: lines }: Goods, index: number, has: string): FiskalError {
  const { title, total_amount: total } = lines[index] ?? {}
  return new FiskalError(
    'unprocessable_entity',
    `Line ${index} ("${title}", ${total}) cannot be printed: the document of this ${type} has ${has}.`,
    { pointer: `/line_items/${index}/total_amount` },
  )
}

function emptyLines(): PrintedLines {
  return { lines: [], deductions: [], texts: [], totalCents: 0n }
}

/** The list price of a line and its discounts. */
type Priced = { listCents: bigint; adjustments: RtAdjustment[] }

function addLine(printed: PrintedLines, line: Line, { listCents, adjustments }: Priced, settings: LineSettings): void {
  // Printers do not accept a price of 0.
  if (listCents === 0n) {
    printed.texts.push(`${line.title} 0,00`)
    return
  }
  printed.totalCents += listCents - sumOf(adjustments.map(({ amountCents }) => amountCents))
  const common = { ...vatOf(line, settings), ...(adjustments.length > 0 && { adjustments }) }
  printed.lines.push({ ...common, ...pricedBy(line, listCents) })
}

/**
 * Line discounts and the line's share of the cart discounts are combined: VAT follows the line, and models differ in
 * the base of a second discount. The list price is the requested one, and the discount is the difference to the total:
 * it absorbs the rounding.
 */
function soldAs(
  line: Line,
  { cents, cartCents, because }: { cents: bigint; cartCents: bigint; because: string | undefined },
): Priced {
  const own = (line.discounts ?? []).map((discount) => ({
    cents: discountCents(discount),
    text: discount.description ?? 'SCONTO',
  }))
  const all = [...own, { cents: cartCents, text: because ?? 'SCONTO' }].filter((discount) => discount.cents > 0n)
  const declaredCents = sumOf(all.map((discount) => discount.cents))
  const listCents = listBefore(line, cents + declaredCents, cartCents)
  // Without a discount, or above its price by rounding, the line's price is its total.
  if (all.length === 0 || listCents <= cents) return { listCents: cents, adjustments: [] }
  const texts = [...new Set(all.map(({ text }) => text))]
  return { listCents, adjustments: [{ kind: 'discount', amountCents: listCents - cents, text: texts.join(' + ') }] }
}

/** One discount with that of the line: models differ in the base of a second one. */
function lessTakenOff(priced: Priced, off: TakenOff | undefined): Priced {
  if (off === undefined) return priced
  const { listCents, adjustments } = priced
  const before = sumOf(adjustments.map(({ amountCents }) => amountCents))
  const texts = [...adjustments.map(({ text }) => text), ...[...off.titles].map((title) => `STORNO ${title}`)]
  const text = [...new Set(texts)].join(' + ')
  return { listCents, adjustments: [{ kind: 'discount', amountCents: before + off.cents, text }] }
}

/** Prices may be sent before or after the cart discounts: the one nearer to total and discounts is used. */
function listBefore(line: Line, toldCents: bigint, cartCents: bigint): bigint {
  const before = absolute(sentCents(line))
  const after = before + cartCents
  return absolute(before - toldCents) <= absolute(after - toldCents) ? before : after
}

/** Quantity and price if the printer calculates the same amount; otherwise one piece with the quantity in its text. */
function pricedBy(line: Line, amountCents: bigint): Pick<RtLine, 'quantity' | 'unitPriceCents' | 'text'> {
  const quantityAtoms = absolute(toAtoms(String(line.quantity)))
  const thousandths = quantityAtoms / ATOMS_PER_THOUSANDTH
  const priceCents = wholeCents(absolute(toAtoms(line.unit_price)))
  const isExact = quantityAtoms % ATOMS_PER_THOUSANDTH === 0n && thousandths > 0n && thousandths <= QUANTITY_MAX
  if (isExact && priceCents !== undefined && divideRounded(priceCents * thousandths, MILLE) === amountCents) {
    return { quantity: decimal(thousandths), unitPriceCents: priceCents, text: line.title }
  }
  const isOne = quantityAtoms === ATOMS_PER_THOUSANDTH * MILLE
  const count = isOne ? '' : `${String(line.quantity).replace('-', '')} x `
  return { quantity: '1', unitPriceCents: amountCents, text: `${count}${line.title}` }
}

function addPiece(printed: PrintedLines, line: Line, cents: bigint, settings: LineSettings): void {
  printed.totalCents += cents
  printed.lines.push({ ...vatOf(line, settings), quantity: '1', unitPriceCents: cents, text: line.title })
}

/** At its price and off again: VAT is that of its department. */
function addGift(printed: PrintedLines, line: Line, settings: LineSettings): void {
  const cents = giftCents(line)
  addLine(printed, line, { listCents: cents, adjustments: [] }, settings)
  addDeduction(printed, { ...line, title: GIFT }, { reason: 'gift', cents }, settings)
}

function addDeduction(
  printed: PrintedLines,
  line: Line,
  { reason, cents }: Pick<RtDeduction, 'reason'> & { cents: bigint },
  settings: LineSettings,
): void {
  const text = reason === 'single_use_voucher' ? `BUONO ${line.gift_card_id}` : line.title
  printed.totalCents -= cents
  printed.deductions.push({ reason, vat: keyOf(line, settings), amountCents: cents, text })
}

function addTip(printed: PrintedLines, cents: bigint, settings: LineSettings): void {
  printed.totalCents += cents
  printed.lines.push({ vat: tipKeyOf(settings), unitPriceCents: cents, quantity: '1', text: TIP })
}

/**
 * The document with what was rounded up, on the department of the shop. Throws `unprocessable_entity` if the shop has
 * none, and `tax_rate_not_supported` if the printer has not.
 */
export function withRounding(
  printed: PrintedLines,
  roundedUp: RoundedUp | undefined,
  settings: LineSettings,
): PrintedLines {
  if (roundedUp === undefined) return printed
  const { roundingDepartment: named, departments } = settings
  const { cents, index } = roundedUp
  if (named === null)
    throw unprocessable('Cash is not rounded up here ("rt.roundingDepartment" is null).', `/payments/${index}`)
  const vat = departmentKeyed(named, departments)
  if (vat === undefined)
    throw new FiskalError(
      'tax_rate_not_supported',
      `The printer has no department for cash that is rounded up (${named}): see "roundingDepartment" and "departments".`,
      { rate: named },
    )
  const line = { vat, unitPriceCents: cents, quantity: '1', text: ROUNDING }
  return { ...printed, lines: [...printed.lines, line], totalCents: printed.totalCents + cents }
}

/** The key of the department on which a tip is printed. */
export function tipKeyOf({ departments, tipDepartment }: LineSettings): string {
  return departmentKeyed(tipDepartment, departments) ?? tipDepartment
}

/** The key of the department on which a line is printed. One without it was refused before; otherwise the printer's refusal names the key. */
export function keyOf(line: Line, { departments, giftCardDepartment }: LineSettings): string {
  const { department, taxes } = line
  const sent = String(taxes[0]?.code ?? taxes[0]?.rate)
  return (
    departmentOf(line, departments, giftCardDepartment) ?? (department === undefined ? sent : `${sent}/${department}`)
  )
}

function vatOf(line: Line, settings: LineSettings): Pick<RtLine, 'vat' | 'voucher'> {
  const vat = keyOf(line, settings)
  const isVoucher = !lineRules(line.type).isTurnover && isRate(vat)
  return { vat, ...(isVoucher && { voucher: true }) }
}

function decimal(thousandths: bigint): string {
  const fraction = String(thousandths % MILLE)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${thousandths / MILLE}${fraction === '' ? '' : `.${fraction}`}`
}
