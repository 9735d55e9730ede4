import { formatCents, toCents } from '../../../base/money.ts'
import { said } from '../../../base/text.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { CompleteOperation, OnAccount } from '../../contract/operation.ts'
import type { SentPayment } from '../../contract/payment.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { Document, SoldDocument } from '../../journal/documents/document.ts'
import { isSold, originalIn } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { claimCents, isOnAccount } from '../../register/claims.ts'
import { ONLINE_MEMBERS } from '../../register/law-members.ts'
import type { TillParts } from '../parts.ts'
import { lawOfGoods } from './amendment.ts'
import { soldDocument, unrelated } from './related-operations.ts'
import { refuseBeyond, useMarks, usesOf } from './uses.ts'

/** Types whose goods may be on account; a return takes some of a claim back. */
const TYPES: readonly CreateGoods['type'][] = ['sale', 'return', 'deposit_capture']

/**
 * Checks the payments on account of a completion. Returns the event that records on the claim that some of it is taken back.
 * Throws `not_supported_by_law`, `unprocessable_entity`, `customer_required`, `amount_exceeded`.
 */
export function onAccount(parts: TillParts, view: View, goods: SoldDocument, input: CompleteOperation): NewEvent[] {
  const { payments = [], customer = goods.shown.customer } = input
  for (const [index, payment] of payments.entries())
    if (isOnAccount(payment)) checkOnAccount(parts, view, goods, payment, `/payments/${index}`)
  if (said(customer?.name) === undefined && said(customer?.id) === undefined)
    throw new FiskalError('customer_required', 'Goods on account need the name or the id of the customer.', {
      pointer: '/customer',
    })
  return goods.kind === 'return' ? takenBack(view, goods, payments) : []
}

function checkOnAccount(parts: TillParts, view: View, goods: SoldDocument, payment: SentPayment, pointer: string): void {
  const { kind, shown } = goods
  const members = shown.source === 'ONLINE' ? ONLINE_MEMBERS : lawOfGoods(parts, view, goods)?.members
  members?.require('on_account', `${pointer}/method`, payment.method)
  if (!TYPES.includes(kind)) throw unprocessable(`The type ${kind} is not paid on account.`, `${pointer}/method`)
  const cents = toCents(payment.amount)
  const isReturn = kind === 'return'
  if (isReturn ? cents >= 0n : cents <= 0n) {
    const sign = isReturn ? 'less' : 'more'
    throw unprocessable(`${pointer}/amount must be ${sign} than 0: it is on account.`, `${pointer}/amount`)
  }
  const { external_related_operation: external } = payment
  if (external !== undefined && (external.kind ?? 'other') === 'other') {
    const place = `${pointer}/external_related_operation/kind`
    throw unprocessable(`${place} must be invoice or delivery_note.`, place)
  }
}

/** A claim of another system is not known here. */
function takenBack(view: View, goods: SoldDocument, payments: readonly SentPayment[]): NewEvent[] {
  const { id, shown } = goods
  const pointer = `/payments/${payments.findIndex(isOnAccount)}`
  const related = originalIn(goods)
  if (related === undefined) {
    if ('external_related_operation' in shown && shown.external_related_operation !== undefined) return []
    throw unprocessable('A return on account needs the sale that it takes back.', `${pointer}/method`)
  }
  const original = soldDocument(view, related)
  if (original === undefined) throw unrelated(related, 'has no claim')
  const { left } = claimState(view, original, { except: id, isTraining: shown.training === true })
  refuseBeyond({ left, wanted: -claimCents(payments) }, `The claim of ${related}`, `${pointer}/amount`)
  return useMarks(view, { original, list: 'settlements' }, goods)
}

type Claim = { readonly amount: bigint; readonly left: bigint }

/**
 * What the customer owes by an operation, and what is left of it. Training is not limited by other operations; `except`: the
 * operation that is not counted.
 */
function claimState(
  view: View,
  claim: SoldDocument,
  { except, isTraining = false }: { except?: string; isTraining?: boolean } = {},
): Claim {
  const { kind, shown, own } = claim
  const amount = kind === 'return' || shown.status !== 'completed' ? 0n : claimCents(shown.payments ?? [])
  if (own.reversal.state === 'reversed') return { amount, left: 0n }
  const uses = isTraining ? [] : usesOf(view, claim, 'settlements', except)
  return { amount, left: uses.reduce((left, use) => left - settledBy(use, claim.id), amount) }
}

/** The part of a claim that an operation settles, in cents. */
function settledBy(use: SoldDocument, claim: string): bigint {
  return use.kind === 'return' && originalIn(use) === claim ? -claimCents(use.shown.payments ?? []) : 0n
}

/** Throws `related_operation_invalid` for a claim that was settled in part at least. */
export function refuseSettled(view: View, original: SoldDocument): void {
  const uses = usesOf(view, original, 'settlements')
  const { amount, left } = claimState(view, original)
  if (amount === left) return
  const last = uses.findLast((use) => settledBy(use, original.id) > 0n)
  throw unrelated(original.id, `is on account and settled by ${last?.id}, in part at least`)
}

/** The claim of a completed sale on account, computed for each read: stored answers never change. */
export function onAccountOf(view: View, document: Document): OnAccount | undefined {
  if (!isSold(document) || document.kind === 'return' || document.shown.training === true) return undefined
  if (document.shown.payments?.some(isOnAccount) !== true) return undefined
  const { amount, left } = claimState(view, document)
  return { amount: formatCents(amount), settled: formatCents(amount - left), left: formatCents(left) }
}
