import { absolute, formatCents, formatRounded, toCents } from '../../../base/money.ts'
import type { ExplainedItem, ExplainedLine, ExplainedTax, Explanation } from '../../contract/explanation.ts'
import type { OperationDocument, RecordedDocument } from '../../journal/documents/document.ts'
import { isMovement } from '../../journal/documents/document.ts'
import { soldGoods } from '../../journal/documents/sold-goods.ts'
import { cartShares, discountCents, isGivenBack, listCents, sumOf } from '../../register/cart-discount.ts'
import { reversed } from '../../register/reversal.ts'
import type { Bon, BonLine, VatShare } from './dsfinvk/bon.ts'
import { vatShares } from './dsfinvk/bon-rows.ts'
import type { ClosingVat } from './dsfinvk/closing-vat.ts'
import type { Goods } from './dsfinvk/goods-lines.ts'
import { isOurs } from './ours.ts'
import { ABBRUCH, processDataOf } from './process-data.ts'

const RATE_OF_ONE = 10_000
const CENTS = 100n
const EXACT_PLACES = 8

/** Why an amount has its business case (DSFinV-K Anhang C, UStG). */
const NOTES: Readonly<Record<string, string>> = {
  Rabatt: 'The discount of the cart is a separate line for each VAT key; the goods are shown before it.',
  TrinkgeldAN: 'The tip goes to the staff: it is not taxable (key 5) and part of what is paid.',
  TrinkgeldAG: 'The service charge goes to the shop: it is taxed at the rate of its line.',
  MehrzweckgutscheinKauf: 'A multi-purpose voucher is not taxed when it is sold (§ 3 (15) UStG): key 5.',
  MehrzweckgutscheinEinloesung:
    'A redeemed voucher is not a payment: the goods are taxed in full, the voucher is deducted under key 5.',
  Forderungsentstehung: 'Goods on account are not paid: they are taxed in full now, the claim is deducted under key 5.',
  Forderungsaufloesung: 'A claim is paid: its goods were taxed when they were supplied, key 5 or 7.',
  EinzweckgutscheinKauf: 'A voucher of one purpose is taxed when it is sold, at the rate of its goods (§ 3 (14) UStG).',
  EinzweckgutscheinEinloesung: 'The voucher was taxed when it was sold: it is taken off goods of the same rate.',
  Anzahlungseinstellung: 'The deposit is taxed when it is paid, at the rate of the later supply.',
  Anzahlungsaufloesung: 'The deposit was taxed when it was paid: it is taken off, or comes back, at the same rate.',
}
const ONE_ROUNDING = 'VAT is rounded once for each key of the receipt, half away from zero: not line by line.'
const ABORTED = 'The operation was voided before it was completed: its lines are kept and count in no sum.'
const UNPAID: Readonly<Partial<Record<Bon['type'], string>>> = {
  AVBestellung: 'An order is signed line by line (Bestellung-V1) and counts in no sum; its bill is taxed.',
  AVTransfer:
    'Another system bills the goods: they count in no sum here, and what it claims is deducted under key 5, so that the total is 0.00.',
  AVSachbezug: 'A benefit for the staff: it counts in no sum here, the payroll taxes it.',
}
const TRAINING = 'Training is signed as such and counts in no sum; its payments are kept in the journal alone.'

/** The explanation of an operation that is not a receipt in the books. */
export function unexplained({ id }: RecordedDocument): Explanation {
  const nothing = { lines: [], taxes: [], payments: [], notes: [] }
  return { operation_id: id, document_type: null, total: '0.00', process_data: null, ...nothing }
}

/**
 * How the amounts of an operation add up: its lines, the parts of each VAT key, the rounded cents. `vat`: the keys of
 * its closing.
 */
export function explain(document: OperationDocument, bon: Bon, vat: ClosingVat): Explanation {
  const shares = vatShares(bon)
  const isOpen = document.shown.status === 'open'
  return {
    operation_id: document.id,
    document_type: bon.type,
    lines: bon.lines.flatMap((line, index) => (isShown(bon, line) ? [lineOf(document, line, index + 1)] : [])),
    taxes: shares.map((share) => taxOf(bon, share, vat)),
    total: formatCents(shares.reduce((sum, { cents }) => sum + cents, 0n)),
    payments: isOpen
      ? []
      : bon.payments.map(({ type, name, cents }) => ({ type, name: name ?? null, amount: formatCents(cents) })),
    process_data: isOpen ? null : shownText(document, bon),
    notes: notesOf(bon),
  }
}

/** Lines that an amendment took away are in no amount. */
function isShown({ type }: Bon, { cancelled }: BonLine): boolean {
  return type === 'AVBelegabbruch' || cancelled !== true
}

/** As recorded, or as the TSE would sign it now. */
function shownText(document: OperationDocument, { type }: Bon): string {
  const { fiscal_information: signed } = document.shown
  const recorded = isOurs(signed) ? signed.end_event.process_data : undefined
  return recorded ?? (type === 'AVBelegabbruch' ? ABBRUCH : processDataOf(document))
}

function lineOf(
  document: OperationDocument,
  { businessCase, text, vat, itemId }: BonLine,
  number: number,
): ExplainedLine {
  const item = itemId === undefined ? undefined : itemFrom(document, itemId)
  return {
    number,
    business_case: businessCase,
    text,
    amounts: vat.map(({ key, cents }) => ({ vat_key: key, amount: formatCents(cents) })),
    ...(item !== undefined && { item }),
  }
}

function itemFrom(document: OperationDocument, id: string): ExplainedItem | undefined {
  if (!isMovement(document)) return undefined
  const goods = soldGoods(document.shown)
  if (document.kind !== 'void') return itemOf(goods, id)
  const item = itemOf(reversed(goods), id)
  return item && turned(item)
}

function itemOf(goods: Goods, id: string): ExplainedItem | undefined {
  const index = goods.line_items.findIndex((line) => 'id' in line && line.id === id)
  const line = goods.line_items[index]
  if (line === undefined) return undefined
  const sent = toCents(line.total_amount)
  const direction = isGivenBack(line, sent) ? -1n : 1n
  const priced = direction * absolute(listCents(line))
  const discounts = -direction * sumOf((line.discounts ?? []).map(discountCents))
  const cart = -(cartShares(goods)[index] ?? 0n)
  const before = sent - cart - discounts
  // The price was sent either before or after the discounts of the cart: take the nearer one.
  const list = absolute(before - priced) <= absolute(before - priced + cart) ? priced : priced - cart
  return {
    line_item_id: id,
    list: formatCents(list),
    line_discounts: formatCents(discounts),
    rounding: formatCents(before - list),
    cart_discounts: formatCents(cart),
    sent_total: formatCents(sent),
  }
}

/** A reversal is explained by the reversed operation, with every sign inverted. */
function turned(item: ExplainedItem): ExplainedItem {
  return {
    line_item_id: item.line_item_id,
    list: inverted(item.list),
    line_discounts: inverted(item.line_discounts),
    rounding: inverted(item.rounding),
    cart_discounts: inverted(item.cart_discounts),
    sent_total: inverted(item.sent_total),
  }
}

function inverted(amount: string): string {
  return formatCents(-toCents(amount))
}

function taxOf(bon: Bon, { key, cents }: VatShare, closing: ClosingVat): ExplainedTax {
  const rate = closing.rateOf(key) ?? 0
  const tax = closing.vatIn(key, cents)
  const whole = BigInt(RATE_OF_ONE + rate)
  const exact = cents * BigInt(rate)
  const parts = new Map<string, bigint>()
  for (const line of bon.lines.filter((one) => isShown(bon, one)))
    for (const share of line.vat)
      if (share.key === key) parts.set(line.businessCase, (parts.get(line.businessCase) ?? 0n) + share.cents)
  return {
    vat_key: key,
    name: closing.describe(key),
    rate: String(rate / RATE_OF_ONE),
    bucket: closing.kindOf(key),
    parts: [...parts].map(([name, amount]) => ({ business_case: name, amount: formatCents(amount) })),
    gross: formatCents(cents),
    exact_tax: formatRounded(exact, whole * CENTS, EXACT_PLACES),
    tax: formatCents(tax),
    rounding: formatRounded(tax * whole - exact, whole * CENTS, EXACT_PLACES),
    net: formatCents(cents - tax),
  }
}

function notesOf(bon: Bon): string[] {
  const { type, lines } = bon
  const isTransfer = type === 'AVTransfer'
  const cases = new Set(lines.filter((line) => isShown(bon, line)).map((line) => line.businessCase))
  return [
    ...(type === 'AVBelegabbruch' ? [ABORTED] : []),
    ...(type === 'AVTraining' ? [TRAINING] : []),
    ...(UNPAID[type] === undefined ? [] : [UNPAID[type]]),
    ...[...cases].flatMap((name) => (isTransfer && name === 'Forderungsentstehung' ? [] : (NOTES[name] ?? []))),
    ...(type === 'AVBelegabbruch' ? [] : [ONE_ROUNDING]),
  ]
}
