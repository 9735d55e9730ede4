import { formatCents, toCents } from '../../base/money.ts'
import { said, showsNothing } from '../../base/text.ts'
import type { Payment } from '../contract/payment.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { DocumentOf, GoodsDocument } from '../journal/documents/document.ts'
import { soldGoods } from '../journal/documents/sold-goods.ts'
import type { Members } from '../journal/events.ts'
import { cartShares, discountCents, discountParts, isGivenBack, piecesOf, sumOf } from '../register/cart-discount.ts'
import { isGift } from '../register/gifts.ts'
import { DEFAULT_LINE_TYPE, isDeposit, lineRules } from '../register/line-types.ts'
import { listPrice } from '../register/list-price.ts'
import { isOnAccount } from '../register/on-account.ts'
import { euroCents, foreignCents, signedPayments } from '../register/payments.ts'
import { reversed, turned } from '../register/reversal.ts'
import { redeems } from '../register/single-purpose-vouchers.ts'
import type { Say } from '../texts/receipts.ts'
import type { Discount, Goods, GoodsLine } from './documents.ts'
import type { OriginalWords } from './originals.ts'
import type { ReceiptLaw } from './receipt-law.ts'
import type { TaxGroup } from './taxes.ts'
import { NOT_TAXABLE, nameOf, taxGroupOf } from './taxes.ts'

/** A line without the letter of its tax group. */
export type DraftLine = Omit<ReceiptModel['lines'][number], 'tax_key'> & { group: TaxGroup | null }
/** The part of a receipt that depends on the type of the operation. */
export type Draft = {
  lines: readonly DraftLine[]
  /** Cents. */
  total: bigint
  giftCards: readonly DraftLine[]
  payments: ReceiptModel['payments']
}

/** `recorded`: the law's state of the operation. */
export type Counted = {
  voided: boolean
  below: ReceiptLaw['belowTotal']
  empties: boolean
  /** A return, or the reversal of one. */
  isReturn: boolean
  law: ReceiptLaw
  recorded: Members
  settlement: OriginalWords
}

/** The same of goods without payments, of which none comes back. */
export type CountedUnpaid = Omit<Counted, 'empties' | 'isReturn'>
type TaxedBy = Pick<Counted, 'law' | 'recorded'>

/** True if empties may come back in it: in a sale, or alone. A reversal shows them as its original did. */
export function takesEmptiesBack({ kind, shown }: GoodsDocument): boolean {
  // Only a sale has the member, empty without discounts.
  const isSale = kind === 'sale' || (kind === 'void' && shown.cart_level_discounts !== undefined)
  return isSale || shown.line_items.every(({ type }) => lineRules(type).comesBackAlone)
}

/** True for a return, and for the reversal of one: that of a sale has discounts, if only none, that of a capture a deposit. */
export function isOfReturn({ kind, shown }: GoodsDocument): boolean {
  if (kind !== 'void') return kind === 'return'
  return shown.cart_level_discounts === undefined && !shown.line_items.some(isDeposit)
}

/**
 * Lines, gift cards and payments of a finished goods movement, in the order of the DSFinV-K (lines.csv). `below`: the methods
 * that count among the amounts; the others are payments. `empties`: a container_deposit that comes back is named so. `law`:
 * gives the word for that, and the reason for a rate of 0. `settlement`: the words for what a line settles.
 */
export function goodsDraft(goods: Goods, counted: Counted, say: Say): Draft {
  const { voided, below } = counted
  const lines = linesOf(goods, counted, say)
  // A voided operation is in no sum: AVBelegabbruch has a turnover of 0.00.
  if (voided) return { lines: lines.map(untaxed), total: 0n, giftCards: [], payments: [] }
  const total = toCents(goods.total_amount)
  const signed = signedPayments(goods.payments, total)
  const amounts = signed.filter(({ method }) => below.includes(method))
  return {
    lines,
    total,
    giftCards: [
      ...amounts.filter((payment) => !isOnAccount(payment)).map((payment) => giftCardDraft(payment, say)),
      ...amounts.filter(isOnAccount).map((payment) => claimDraft(payment, say)),
    ],
    payments: paymentsOf(
      signed.filter(({ method }) => !below.includes(method)),
      say,
    ),
  }
}

function linesOf(
  goods: Goods,
  { empties, isReturn, law, recorded, settlement }: Omit<Counted, 'voided' | 'below'>,
  say: Say,
): DraftLine[] {
  const shares = cartShares(goods)
  const tip = toCents(goods.tip_amount)
  const word = empties ? say(law.empties) : undefined
  const { line_items: all } = goods
  const lines: DraftLine[] = all.flatMap((line, index) => {
    const after = toCents(line.total_amount) + (shares[index] ?? 0n)
    const label = lineLabel(line, { all, after, empties: word, isReturn, settlement }, say)
    return lineDrafts(line, { after, label, isReduced: after !== toCents(line.total_amount), law, recorded }, say)
  })
  if (tip !== 0n) lines.push({ kind: 'tip', label: say('tip'), value: formatCents(tip), group: NOT_TAXABLE })
  lines.push(...cartDiscounts(goods, shares, { law, recorded }, say))
  return byAgency(lines)
}

/** The merchant's own lines first, then those of each agency. */
function byAgency(lines: DraftLine[]): DraftLine[] {
  if (lines.every(({ agency_id: agency }) => agency === undefined)) return lines
  return lines.toSorted((a, b) => (a.agency_id ?? 0) - (b.agency_id ?? 0))
}

/** The member of a line that is sold in the name of an agency. */
function ofAgency(agency: number | undefined): Pick<DraftLine, 'agency_id'> {
  return agency === undefined ? {} : { agency_id: agency }
}

function untaxed(line: DraftLine): DraftLine {
  return { ...line, group: null }
}

/**
 * The slip of goods without payments. It shows no tax: the bill does, and a tax that two papers show is owed twice (§ 14c
 * UStG).
 */
export function unpaidDraft(goods: Goods, { voided, ...how }: CountedUnpaid, say: Say): Draft {
  const lines = linesOf(goods, { ...how, empties: false, isReturn: false }, say).map(untaxed)
  return { lines, total: voided ? 0n : toCents(goods.total_amount), giftCards: [], payments: [] }
}

/** The slip of a move between tables: the moved lines, as on the slip of their orders. */
export function moveDraft({ shown }: DocumentOf<'order_move'>, counted: CountedUnpaid, say: Say): Draft {
  const { moved_lines: moved } = shown
  const lines = moved.map((line) => ({ ...line, id: line.order_line_id, type: 'item' as const, taxes: [] }))
  const total = moved.reduce((sum, line) => sum + toCents(line.total_amount), 0n)
  return unpaidDraft(soldGoods({ line_items: lines, total_amount: formatCents(total) }), counted, say)
}

/**
 * A reversal (`void`) shows the lines of its original with every sign inverted, as in the DSFinV-K. The shares are
 * computed on the original: there discounts are positive, and change is an outgoing payment.
 */
export function reversalDraft(goods: Goods, counted: Counted, say: Say): Draft {
  const { lines, total, giftCards, payments } = goodsDraft(reversed(goods), counted, say)
  return {
    lines: lines.map(turnedLine),
    total: -total,
    giftCards: giftCards.map(turnedLine),
    payments: payments.map(turnedPayment),
  }
}

/** The same of goods without payments: no VAT is owed here. */
export function unpaidReversalDraft(goods: Goods, counted: CountedUnpaid, say: Say): Draft {
  const { lines, total, ...rest } = unpaidDraft(reversed(goods), counted, say)
  return { ...rest, lines: lines.map(turnedLine), total: -total }
}

function turnedPayment(payment: Draft['payments'][number]): Draft['payments'][number] {
  const { value, foreign } = payment
  const cash = foreign && { foreign: { ...foreign, amount: turned(foreign.amount) } }
  return { ...payment, value: turned(value), ...cash }
}

function turnedLine(line: DraftLine): DraftLine {
  const quantity = line.quantity !== undefined && { quantity: turned(line.quantity) }
  return { ...line, value: turned(line.value), ...quantity }
}

/** The line before all discounts, then each of its discounts. */
function lineDrafts(
  line: GoodsLine,
  { after, label, isReduced, law, recorded }: { after: bigint; label: string; isReduced: boolean } & TaxedBy,
  say: Say,
): DraftLine[] {
  const group = taxGroupOf(line, law, recorded)
  // A gift is shown at its price, with the value 0.00.
  const discounts = isGift(line) ? [] : (line.discounts ?? [])
  // A discount makes the amount smaller, also the one that is given back.
  const direction = isGivenBack(line, after) ? -1n : 1n
  const before = after + direction * sumOf(discounts.map(discountCents))
  return [
    {
      kind: line.type ?? DEFAULT_LINE_TYPE,
      label,
      value: formatCents(before),
      quantity: piecesOf(line, after).quantity,
      ...(line.unit !== undefined && { unit: line.unit }),
      unit_price: listPrice(line, before, isReduced || discounts.length > 0),
      ...ofAgency(line.agency_id),
      group,
    },
    ...discounts.map((discount) => ({
      ...discountDraft(discount, -direction * discountCents(discount), group, say),
      ...ofAgency(line.agency_id),
    })),
  ]
}

/** Undefined unless it is a voucher of one purpose. */
function voucherLabel(line: GoodsLine, { all, isReturn }: Naming, say: Say): string | undefined {
  if (lineRules(line.type).voucher !== 'single_purpose') return undefined
  const name = `${say('single_purpose_voucher')} ${line.gift_card_id ?? ''}`.trim()
  if (!redeems(line, all, isReturn)) return name
  return `${name} ${say(isReturn ? 'valid_again' : 'redeemed_taxed')}`
}

/** The lines of the operation, the line's amount after all discounts, the law's word for empties that come back. */
type Naming = {
  readonly all: readonly GoodsLine[]
  readonly after: bigint
  readonly empties: string | undefined
  readonly isReturn: boolean
  readonly settlement: OriginalWords
}

/** The claim that a line settles, its voucher, or its title; empties that come back, and gifts, have a word before it. */
export function lineLabel(line: GoodsLine, naming: Naming, say: Say): string {
  const { after, empties, settlement } = naming
  const name = settlement(line) ?? voucherLabel(line, naming, say) ?? titleOf(line)
  if (isGift(line)) return worded(name, say('gift'))
  const isEmpties = lineRules(line.type).comesBackAlone && isGivenBack(line, after)
  return isEmpties && empties !== undefined ? worded(name, empties) : name
}

/** A receipt must name the kind of the goods: an invisible title is replaced by the article number. */
function titleOf({ title, sku_identifier, gift_card_id }: GoodsLine): string {
  const name = showsNothing(title) ? sku_identifier : title
  return gift_card_id === undefined ? name : `${name} (${gift_card_id})`
}

function discountDraft(discount: Discount, cents: bigint, group: TaxGroup, say: Say): DraftLine {
  return {
    kind: 'discount',
    label: worded(discount.description ?? '', say('discount')),
    value: formatCents(cents),
    group,
  }
}

/** A till's own text may begin with the word already: "Rabatt 10 %". */
function worded(text: string, word: string): string {
  return text.toLowerCase().startsWith(word.toLowerCase()) ? text : `${word} ${text}`.trim()
}

/** One line for each discount of the cart, agency and tax group; the last discount gets the rest of each group. */
function cartDiscounts(goods: Goods, shares: readonly bigint[], { law, recorded }: TaxedBy, say: Say): DraftLine[] {
  const discounts = goods.cart_level_discounts ?? []
  const remaining = new Map<string, { group: TaxGroup; agency: number | undefined; cents: bigint }>()
  for (const [index, line] of goods.line_items.entries()) {
    const group = taxGroupOf(line, law, recorded)
    const agency = line.agency_id
    const name = `${agency} ${nameOf(group)}`
    remaining.set(name, { group, agency, cents: (remaining.get(name)?.cents ?? 0n) + (shares[index] ?? 0n) })
  }
  const groups = [...remaining.values()]
  const parts = discountParts(
    discounts.map(discountCents),
    groups.map(({ cents }) => cents),
  )
  return discounts.flatMap((discount, index) =>
    groups.flatMap((entry, at) => {
      const part = parts[index]?.[at] ?? 0n
      if (part === 0n) return []
      return [{ ...discountDraft(discount, -part, entry.group, say), ...ofAgency(entry.agency) }]
    }),
  )
}

/** A multi-purpose voucher is not a discount: the goods keep their tax, the voucher is printed below the total. */
function giftCardDraft(payment: Payment, say: Say): DraftLine {
  const cents = -euroCents(payment)
  const redeemed = cents <= 0n
  return {
    kind: redeemed ? 'gift_card_redeemed' : 'gift_card_issued',
    label: `${say('gift_card')} ${payment.gift_card_id ?? ''} ${say(redeemed ? 'redeemed' : 'issued')}`,
    value: formatCents(cents),
    group: NOT_TAXABLE,
  }
}

/** Goods on account keep their tax; what the customer owes is printed below the total. */
function claimDraft(payment: Payment, say: Say): DraftLine {
  return { kind: 'on_account', label: say('on_account'), value: formatCents(-euroCents(payment)), group: NOT_TAXABLE }
}

function foreignOf(payment: Payment): Pick<ReceiptModel['payments'][number], 'foreign'> {
  if (payment.base_amount === undefined) return {}
  const { currency, exchange_rate: rate } = payment
  const amount = formatCents(foreignCents(payment))
  return { foreign: { currency, amount, ...(rate !== undefined && { exchange_rate: rate }) } }
}

function paymentsOf(payments: readonly Payment[], say: Say): ReceiptModel['payments'] {
  const tendered = payments.some((payment) => payment.method === 'cash' && euroCents(payment) > 0n)
  return payments.map((payment) => {
    const { method, status, scheme, card_brand } = payment
    const cents = euroCents(payment)
    const change = tendered && method === 'cash' && cents < 0n
    const name = said(scheme) ?? said(card_brand)
    const label = name === undefined ? say(`method_${method}`) : `${say(`method_${method}`)} ${name}`
    return {
      label: change ? say('change') : label,
      value: formatCents(cents),
      ...foreignOf(payment),
      method,
      status,
      change,
    }
  })
}
