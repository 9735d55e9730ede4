import { toCents } from '../../../../base/money.ts'
import type { CreateGoods } from '../../../contract/goods.ts'
import type { Payment } from '../../../contract/payment.ts'
import { cartShares, discountCents, discountParts, isGivenBack, sumOf } from '../../../register/cart-discount.ts'
import { isDeposit, lineRules } from '../../../register/line-types.ts'
import { redeems } from '../../../register/single-purpose-vouchers.ts'
import { articleOf, articleText } from '../article.ts'
import type { Tax, VatMeaning } from '../vat.ts'
import { isBlank } from '../written-text.ts'
import { NOT_DETERMINABLE } from '../zero-rates.ts'
import type { BonLine, BusinessCase, VatShare } from './bon.ts'
import type { ClosingVat } from './closing-vat.ts'
import { NOT_TAXABLE, UNKNOWN_VAT } from './closing-vat.ts'

type Line = CreateGoods['line_items'][number]

/** The members of a goods movement that make up its lines. */
export type Goods = {
  line_items: readonly Line[]
  /** Taken away before the end. */
  cancelled_line_items?: readonly Line[] | undefined
  cart_level_discounts?: CreateGoods['cart_level_discounts']
  tip_amount: string
}

/** The business cases of the lines that were sent. */
type SentCase = Extract<
  BusinessCase,
  | 'Umsatz'
  | 'Pfand'
  | 'PfandRueckzahlung'
  | 'TrinkgeldAG'
  | 'MehrzweckgutscheinKauf'
  | 'Anzahlungseinstellung'
  | 'Anzahlungsaufloesung'
  | 'Forderungsaufloesung'
  | 'EinzweckgutscheinKauf'
  | 'EinzweckgutscheinEinloesung'
>
const NO_TAX: Tax = { rate: '0' }

type SentLine = BonLine & { businessCase: SentCase }

/** A line whose VAT rate is not a German one: it cannot be written. */
export class UnknownRateError extends Error {
  override readonly name = 'UnknownRateError'
}

/** The keys of the closing, and what holds for all lines of the operation. */
export type LineFrame = {
  readonly closing: ClosingVat
  readonly meanings: readonly VatMeaning[]
  /** Eaten in the shop, unless a line says otherwise. */
  readonly inHouse: boolean | undefined
  /** A return, or the reversal of one. */
  readonly isReturn: boolean
}

/**
 * Lines of a goods movement in the order of lines.csv: goods before cart discounts in the requested order, cancelled
 * lines, deducted deposits, service charge, tip, discounts, redeemed vouchers (those of one purpose first), claims. Per VAT key
 * those that are not cancelled add up to the signed amounts.
 */
export function goodsLines(goods: Goods, signed: readonly Payment[], frame: LineFrame): BonLine[] {
  const keys = goods.line_items.map((line) => keyOf(line, frame))
  const shares = cartShares(goods)
  const tip = toCents(goods.tip_amount)
  const { line_items: lines, cancelled_line_items: cancelled = [] } = goods
  const { inHouse, isReturn } = frame
  const ofAll = { isTakenOff: isDepositTakenOff(goods), inHouse, isReturn, all: [...lines, ...cancelled] }
  const sent = lines.map((line, index) => goodsLine(line, keys[index] ?? NOT_TAXABLE, shares[index] ?? 0n, ofAll))
  for (const line of cancelled) sent.push(cancelledLine(line, keyOf(line, frame), ofAll))
  sent.sort((a, b) => rankOf(a) - rankOf(b))
  const redeemed = sent.filter((line) => rankOf(line) === REDEEMED)
  return [
    ...sent.slice(0, sent.length - redeemed.length),
    ...(tip === 0n ? [] : [{ businessCase: 'TrinkgeldAN' as const, text: 'Trinkgeld', vat: untaxed(tip) }]),
    ...cartDiscounts(goods, keys, shares),
    ...redeemed,
    ...signed.flatMap(voucherLine),
    ...signed.flatMap(claimLine),
  ]
}

/** After the tip and the discounts of the cart. */
const REDEEMED = 4

/** The order of the lines after the goods, independent of the request. */
function rankOf({ businessCase, cancelled }: SentLine): number {
  if (cancelled === true) return 1
  switch (businessCase) {
    case 'Umsatz':
    case 'Pfand':
    case 'PfandRueckzahlung':
    case 'MehrzweckgutscheinKauf':
    case 'EinzweckgutscheinKauf':
    case 'Anzahlungseinstellung':
    case 'Forderungsaufloesung':
      return 0
    case 'Anzahlungsaufloesung':
      return 2
    case 'TrinkgeldAG':
      return 3
    case 'EinzweckgutscheinEinloesung':
      return REDEEMED
    default:
      return businessCase satisfies never
  }
}

function keyOf({ type, taxes, title }: Line, { closing, meanings }: LineFrame): number {
  const [tax = NO_TAX] = taxes
  const { isTurnover, isSettlement } = lineRules(type)
  if (isSettlement && tax.code === NOT_DETERMINABLE) return UNKNOWN_VAT
  if (!isTurnover) return NOT_TAXABLE
  const key = closing.keyOf(tax, meanings)
  if (key === undefined) throw new UnknownRateError(`rate ${tax.rate} of "${title}" has no UST_SCHLUESSEL`)
  return key
}

/**
 * True if lines of a deposit deduct it: next to goods, or negative. For a deposit of 0.00 the other lines decide; a
 * void has the business case of the operation that it reverses.
 */
function isDepositTakenOff({ line_items: lines, cancelled_line_items: cancelled = [] }: Goods): boolean {
  const takesOff = (line: Line) => !isDeposit(line) || toCents(line.total_amount) < 0n
  return lines.some(takesOff) || cancelled.some(takesOff)
}

/** The same for all lines; `isTakenOff`: those of a deposit deduct it; `all`: with the cancelled ones. */
type OfAll = {
  readonly isTakenOff: boolean
  readonly inHouse: boolean | undefined
  readonly isReturn: boolean
  readonly all: readonly Line[]
}

function goodsLine(line: Line, key: number, cartShare: bigint, ofAll: OfAll): SentLine {
  const cents = toCents(line.total_amount) + cartShare
  const pricing = lineDiscount(line, key, cents)
  const businessCase = caseOf(line, cents, ofAll)
  const isRedeemed = businessCase === 'EinzweckgutscheinEinloesung'
  return {
    businessCase,
    text: isRedeemed ? `Einzweckgutschein ${line.gift_card_id ?? ''}`.trim() : articleText(line),
    ...('id' in line && { itemId: String(line.id) }),
    inHouse: line.in_house ?? ofAll.inHouse,
    ...(lineRules(line.type).voucher !== 'none' && { voucher: line.gift_card_id }),
    ...(line.agency_id !== undefined && { agency: line.agency_id }),
    ...(!isRedeemed && { article: articleOf(line, cents) }),
    vat: [{ key, cents }],
    ...(pricing !== undefined && { pricing }),
  }
}

/** Cancelled before the signature (P_STORNO): a row of its article at its price, in no sum, without parts of its price. */
function cancelledLine(line: Line, key: number, ofAll: OfAll): SentLine {
  return { ...goodsLine(line, key, 0n, ofAll), cancelled: true }
}

function caseOf(line: Line, cents: bigint, { isTakenOff, isReturn, all }: OfAll): SentCase {
  const { type } = line
  switch (type) {
    case 'gift_card':
      return 'MehrzweckgutscheinKauf'
    case 'container_deposit':
      return cents < 0n ? 'PfandRueckzahlung' : 'Pfand'
    case 'service_charge':
      return 'TrinkgeldAG'
    case 'deposit':
      return isTakenOff ? 'Anzahlungsaufloesung' : 'Anzahlungseinstellung'
    case 'receivable':
      return 'Forderungsaufloesung'
    case 'single_purpose_voucher':
      return redeems(line, all, isReturn) ? 'EinzweckgutscheinEinloesung' : 'EinzweckgutscheinKauf'
    case 'item':
    case 'omaggio':
    case undefined:
      return 'Umsatz'
    default:
      return type satisfies never
  }
}

/** Full price and the line's own discounts; for a returned line with inverted signs. */
function lineDiscount(line: Line, key: number, cents: bigint): BonLine['pricing'] {
  const total = sumOf((line.discounts ?? []).map(discountCents))
  if (total === 0n) return undefined
  const taken = isGivenBack(line, cents) ? -total : total
  return [
    { type: 'base_amount', key, cents: cents + taken },
    { type: 'discount', key, cents: -taken },
  ]
}

type Bearing = { readonly agency: number | undefined; readonly key: number; cents: bigint }

/** One Rabatt line for each cart discount and agency, with the share of every VAT key that bears it. */
function cartDiscounts(
  { line_items: lines, cart_level_discounts = [] }: Goods,
  keys: readonly number[],
  shares: readonly bigint[],
): BonLine[] {
  if (cart_level_discounts.length === 0) return []
  const bearing = new Map<string, Bearing>()
  for (const [index, { agency_id: agency }] of lines.entries()) {
    const [key, cents] = [keys[index] ?? NOT_TAXABLE, shares[index] ?? 0n]
    const name = `${agency} ${key}`
    const before = bearing.get(name)
    if (before === undefined) bearing.set(name, { agency, key, cents })
    else before.cents += cents
  }
  const groups = [...bearing.values()]
  const parts = discountParts(
    cart_level_discounts.map(discountCents),
    groups.map(({ cents }) => cents),
  )
  const agencies = [...new Set(groups.map(({ agency }) => agency))]
  return cart_level_discounts.flatMap((discount, index) =>
    agencies.flatMap((agency): BonLine[] => {
      const vat = groups
        .map((group, at) => ({ ...group, cents: -(parts[index]?.[at] ?? 0n) }))
        .filter((share) => share.agency === agency && share.cents !== 0n)
        .map(({ key, cents }): VatShare => ({ key, cents }))
      const text = isBlank(discount.description) ? 'Rabatt' : String(discount.description)
      return vat.length === 0 ? [] : [{ businessCase: 'Rabatt', text, ...(agency !== undefined && { agency }), vat }]
    }),
  )
}

/** A multi-purpose voucher is not a payment: redeemed it lowers the amount due, issued as credit it raises it. */
function voucherLine({ method, amount, gift_card_id }: Payment): BonLine[] {
  const cents = method === 'gift_card' ? -toCents(amount) : 0n
  if (cents === 0n) return []
  const businessCase = cents < 0n ? 'MehrzweckgutscheinEinloesung' : 'MehrzweckgutscheinKauf'
  return [{ businessCase, text: `Gutschein ${gift_card_id ?? ''}`.trim(), voucher: gift_card_id, vat: untaxed(cents) }]
}

/** Goods on account are taxed in full when they are delivered; what the customer owes is taken off (DSFinV-K Anhang C). */
function claimLine({ method, amount, external_related_operation: external }: Payment): BonLine[] {
  if (method !== 'on_account') return []
  const text = `Auf Rechnung ${external?.external_operation_id ?? ''}`.trim()
  return [{ businessCase: 'Forderungsentstehung', text, vat: untaxed(-toCents(amount)) }]
}

/** Goods of a transfer are billed by another system: what it claims is taken off (DSFinV-K 2.4 Anhang I). */
export function transferClaim(cents: bigint): BonLine {
  return { businessCase: 'Forderungsentstehung', text: 'Andernorts abgerechnet', vat: untaxed(-cents) }
}

export function untaxed(cents: bigint): VatShare[] {
  return [{ key: NOT_TAXABLE, cents }]
}

/** The same lines with every sign inverted: a full reversal (BON_STORNO). */
export function turnedLines(lines: readonly BonLine[]): BonLine[] {
  return lines.map((line) => ({
    ...line,
    vat: line.vat.map(({ key, cents }) => ({ key, cents: -cents })),
    ...(line.article !== undefined && { article: { ...line.article, quantity: -line.article.quantity } }),
    ...(line.pricing !== undefined && { pricing: line.pricing.map((part) => ({ ...part, cents: -part.cents })) }),
  }))
}
