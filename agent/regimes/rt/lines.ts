import type { RtAdjustment, RtDeduction, RtLine } from '../../../drivers/ports/fiscal-printer.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { absolute, divideRounded, toAtoms, toCents, wholeCents } from '../../money.ts'
import { cartShares, discountCents, sumOf } from '../../register/cart-discount.ts'
import type { JournalledDocument } from './journalled-document.ts'
import { departmentKeyed, departmentOf } from './vat.ts'

type Line = CreateGoods['line_items'][number]
type Discount = NonNullable<Line['discounts']>[number]
/** Amounts and lines of an operation as they lie in its document. */
export type Goods = {
  readonly tip_amount: string
  readonly total_amount: string
  readonly line_items: readonly Line[]
  readonly cart_level_discounts?: readonly Discount[] | undefined
}

export function goodsOf(operation: JournalledDocument): Goods {
  const { tip_amount = '0', total_amount = '0', line_items = [], cart_level_discounts } = operation
  return { tip_amount, total_amount, line_items, cart_level_discounts }
}

export type LineSettings = {
  departments: Readonly<Record<string, number>>
  /** Keys of `departments` where the law leaves the choice to the shop. */
  giftCardDepartment: string
  tipDepartment: string
}

/** Lines of one document; what has no price is told in its texts. */
export type PrintedLines = { lines: RtLine[]; deductions: RtDeduction[]; texts: string[]; totalCents: bigint }

const MILLE = 1000n
const ATOMS_PER_THOUSANDTH = 100_000n
const QUANTITY_MAX = 99_999_000n

/** The goods that are given (positive totals) with the deposits that are taken off them, and the tip. */
export function soldLines(goods: Goods, settings: LineSettings): PrintedLines {
  const shares = cartShares({ line_items: goods.line_items, cart_level_discounts: goods.cart_level_discounts })
  const because = goods.cart_level_discounts?.[0]?.description
  const printed = emptyLines()
  for (const [index, line] of goods.line_items.entries()) {
    const cents = toCents(line.total_amount)
    if (cents >= 0n) addLine(printed, line, { cents, cartCents: shares[index] ?? 0n, because }, settings)
    else if (line.type === 'deposit') addDeduction(printed, line, -cents, settings)
  }
  const tip = toCents(goods.tip_amount)
  if (tip > 0n) addTip(printed, tip, settings)
  return printed
}

/** The goods that come back (negative totals), with positive amounts as a reso wants them. */
export function returnedLines(goods: Goods, settings: LineSettings): PrintedLines {
  const printed = emptyLines()
  for (const line of goods.line_items) {
    const cents = -toCents(line.total_amount)
    if (cents > 0n) addLine(printed, line, { cents, cartCents: 0n, because: undefined }, settings)
  }
  const tip = -toCents(goods.tip_amount)
  if (tip > 0n) addTip(printed, tip, settings)
  return printed
}

function emptyLines(): PrintedLines {
  return { lines: [], deductions: [], texts: [], totalCents: 0n }
}

function addLine(
  printed: PrintedLines,
  line: Line,
  amounts: { cents: bigint; cartCents: bigint; because: string | undefined },
  settings: LineSettings,
): void {
  const { cents } = amounts
  printed.totalCents += cents
  const adjustments = adjustmentsOf(line, amounts)
  const listCents = cents + sumOf(adjustments.map(({ amountCents }) => amountCents))
  // A price of 0 is none to a printer.
  if (listCents === 0n) {
    printed.texts.push(`${line.title} 0,00`)
    return
  }
  const common = { vat: vatOf(line, settings), ...(adjustments.length > 0 && { adjustments }) }
  printed.lines.push({ ...common, ...pricedBy(line, listCents) })
}

/**
 * Line discounts and the line's share of those of the cart, in one: VAT follows the line, and what a second discount of a
 * line is taken from differs by model.
 */
function adjustmentsOf(
  { discounts = [] }: Line,
  { cartCents, because }: { cartCents: bigint; because: string | undefined },
): RtAdjustment[] {
  const own = discounts.map((discount) => ({ cents: discountCents(discount), text: discount.description ?? 'SCONTO' }))
  const all = [...own, { cents: cartCents, text: because ?? 'SCONTO' }].filter((discount) => discount.cents > 0n)
  if (all.length === 0) return []
  const texts = [...new Set(all.map(({ text }) => text))]
  return [{ kind: 'discount', amountCents: sumOf(all.map((discount) => discount.cents)), text: texts.join(' + ') }]
}

/** Quantity and price where the printer comes to the same amount, else one piece of the whole with the count in its text. */
function pricedBy(line: Line, listCents: bigint): Pick<RtLine, 'quantity' | 'unitPriceCents' | 'text'> {
  const quantityAtoms = absolute(toAtoms(String(line.quantity)))
  const thousandths = quantityAtoms / ATOMS_PER_THOUSANDTH
  const priceCents = wholeCents(absolute(toAtoms(line.unit_price)))
  const isExact = quantityAtoms % ATOMS_PER_THOUSANDTH === 0n && thousandths > 0n && thousandths <= QUANTITY_MAX
  if (isExact && priceCents !== undefined && divideRounded(priceCents * thousandths, MILLE) === listCents) {
    return { quantity: decimal(thousandths), unitPriceCents: priceCents, text: line.title }
  }
  const isOne = quantityAtoms === ATOMS_PER_THOUSANDTH * MILLE
  const count = isOne ? '' : `${String(line.quantity).replace('-', '')} x `
  return { quantity: '1', unitPriceCents: listCents, text: `${count}${line.title}` }
}

function addDeduction(printed: PrintedLines, line: Line, cents: bigint, settings: LineSettings): void {
  printed.totalCents -= cents
  printed.deductions.push({ reason: 'advance', vat: vatOf(line, settings), amountCents: cents, text: line.title })
}

function addTip(printed: PrintedLines, cents: bigint, { departments, tipDepartment }: LineSettings): void {
  const vat = departmentKeyed(tipDepartment, departments) ?? tipDepartment
  printed.totalCents += cents
  printed.lines.push({ vat, unitPriceCents: cents, quantity: '1', text: 'MANCIA' })
}

/** What the printer has no department for was refused before; its own refusal names the rate then. */
function vatOf(line: Line, { departments, giftCardDepartment }: LineSettings): string {
  return departmentOf(line, departments, giftCardDepartment) ?? String(line.taxes[0]?.code ?? line.taxes[0]?.rate)
}

function decimal(thousandths: bigint): string {
  const fraction = String(thousandths % MILLE)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${thousandths / MILLE}${fraction === '' ? '' : `.${fraction}`}`
}
