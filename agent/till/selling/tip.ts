import { localDate } from '../../../base/clock.ts'
import { ATOMS_PER_CENT, formatCents, toAtoms, toCents } from '../../../base/money.ts'
import type { CompleteOperation } from '../../contract/operation.ts'
import { unprocessable } from '../../errors.ts'
import type { OperationDocument, SoldDocument } from '../../journal/documents/document.ts'
import { isSold } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { amountText, centsOf } from '../../register/amounts.ts'
import { lineDocument } from '../../register/goods-document.ts'
import { ownerTip } from '../../register/tip.ts'
import type { TillParts } from '../parts.ts'
import { lawOfGoods, membersOf } from './amendment.ts'
import { goodsOnPaper, isHalfPrinted } from './half-printed.ts'
import { refuseUnlessOpen } from './open-sale.ts'

const NO_TIP = '0.00'

/** True if a completion has a tip that is not one of the amounts of its lines, or names its recipient. */
export function bringsTip({
  tip_amount: tip,
  tip_recipient: recipient,
  line_items: lines,
}: CompleteOperation): boolean {
  return recipient !== undefined || (tip !== undefined && lines === undefined)
}

/**
 * The members of the goods that a tip with the payments changes; `goods`: with the lines that the completion brought.
 * Throws `unprocessable_entity`, `amount_mismatch`, `not_supported_by_law`, `operation_invalid_state`.
 */
export function tipMembers(parts: TillParts, view: View, goods: OperationDocument, input: CompleteOperation) {
  refuseUnlessOpen(goods)
  const { tip_recipient: recipient, tip_amount: sent } = input
  const tipped = tippable(goods, recipient === undefined ? '/tip_amount' : '/tip_recipient')
  const { shown } = tipped
  const tip = sent ?? shown.tip_amount
  const cents = centsOf(tip, '/tip_amount')
  if (cents < 0n) throw unprocessable('A tip must not be negative.', '/tip_amount')
  const law = lawOfGoods(parts, view, tipped)
  if (recipient === 'owner') membersOf(parts, view, tipped)?.require('tip_to_owner', '/tip_recipient')
  if (cents !== toCents(shown.tip_amount) && isHalfPrinted(parts.laws, tipped)) throw goodsOnPaper(tipped)
  const total = toCents(shown.total_amount) - toCents(shown.tip_amount) + cents
  const amounts = { tip_amount: tip, total_amount: formatCents(total) }
  return recipient === 'owner' ? { ...amounts, ...ownedTip(parts, law, tipped, cents) } : amounts
}

/** The tip as lines, which replace the amount. */
function ownedTip(parts: TillParts, law: LawRules | undefined, tipped: SoldDocument, cents: bigint) {
  const { shown } = tipped
  const date = localDate(parts.clock.now(), law?.facts.timeZone ?? 'UTC')
  const tip = ownerTip(shown.line_items, cents, ({ rate, code }) =>
    law?.vat?.keyOf({ rate, code }, date, tipped.parts.law),
  )
  if (tip === undefined)
    throw unprocessable('No article is sold that a tip to the owner could be taxed as.', '/tip_recipient')
  const tax = toAtoms(shown.tax_amount) + tip.taxCents * ATOMS_PER_CENT
  const lines = toAtoms(shown.total_amount) - toAtoms(shown.tip_amount)
  return {
    line_items: [...shown.line_items, ...tip.lines.map((line) => lineDocument(line, parts.newId))],
    pretax_amount: amountText(lines + cents * ATOMS_PER_CENT - tax),
    tax_amount: amountText(tax),
    tip_amount: NO_TIP,
    tip_recipient: 'owner' as const,
  }
}

function tippable(document: OperationDocument, pointer: string): SoldDocument {
  if (isSold(document)) {
    const { type } = document.shown
    if (type === 'sale' || type === 'exchange' || type === 'deposit_capture') return document
  }
  throw unprocessable(`The type ${document.kind} takes no tip with its payments.`, pointer)
}
