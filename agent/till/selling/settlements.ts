import { formatCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { OnAccount } from '../../contract/operation.ts'
import type { Document, SoldDocument } from '../../journal/documents/document.ts'
import { isSold, originalIn } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { isOnAccount, onAccountCents, settledCents, settledClaims } from '../../register/on-account.ts'
import { soldDocument, unrelated } from './related-operations.ts'
import { refuseBeyond, staysCompleted, useMarks, usesOf } from './uses.ts'

/** The operation that a line settles, or gives back a payment of. Throws `related_operation_invalid`, `amount_exceeded`. */
export function checkSettlement(
  view: View,
  claim: SoldDocument,
  { input, index, amended }: { input: CreateGoods; index: number; amended: string | undefined },
): void {
  const { id } = claim
  const pointer = `/line_items/${index}/total_amount`
  const isTraining = input.training === true
  const { amount, left } = claimState(view, claim, { except: amended, isTraining })
  if (amount <= 0n) throw unrelated(id, 'is not on account')
  const cents = settledCents(input.line_items, id)
  if (cents > 0n) {
    refuseBeyond({ left, wanted: cents }, `The claim of ${id}`, pointer)
    return
  }
  if (isTraining) return
  const { related_operation_id: original = id } = input
  const paid = paidFor(view, claim, original, amended)
  refuseBeyond({ left: paid, wanted: -cents }, `The money paid for the claim of ${id}`, pointer)
}

/** The money that was paid for a claim and did not come back, nor is about to; `original`: by that operation, or the claim for all. */
function paidFor(view: View, claim: SoldDocument, original: string, except: string | undefined): bigint {
  const uses = usesOf(view, claim, 'settlements', except)
  const isCounted = (use: SoldDocument) =>
    original === claim.id || use.id === original || (use.kind === 'return' && originalIn(use) === original)
  return uses.filter(isCounted).reduce((paid, use) => {
    const cents = settledCents(use.shown.line_items, claim.id)
    return cents < 0n || staysCompleted(use) ? paid + cents : paid
  }, 0n)
}

/** The events that an operation records on the claims that its lines settle. */
export function settlementMarks(view: View, document: SoldDocument): NewEvent[] {
  return settledClaims(document.shown.line_items).flatMap((id) => {
    const claim = soldDocument(view, id)
    return claim === undefined ? [] : settlementMark(view, claim, document)
  })
}

/** The event that an operation records on a claim that it uses. */
export function settlementMark(view: View, original: SoldDocument, document: SoldDocument): NewEvent[] {
  const uses = (use: SoldDocument) =>
    originalIn(use) === original.id || settledClaims(use.shown.line_items).includes(original.id)
  return useMarks(view, { original, list: 'settlements', uses }, document)
}

type Claim = { readonly amount: bigint; readonly left: bigint }

/**
 * The claim of an operation, and the rest of it. Training is not limited by other operations; `except`: the
 * operation that is not counted.
 */
export function claimState(
  view: View,
  claim: SoldDocument,
  { except, isTraining = false }: { except?: string | undefined; isTraining?: boolean } = {},
): Claim {
  const { kind, shown, own } = claim
  const amount = kind === 'return' || shown.status !== 'completed' ? 0n : onAccountCents(shown.payments ?? [])
  if (own.reversal.state === 'reversed') return { amount, left: 0n }
  const uses = isTraining ? [] : usesOf(view, claim, 'settlements', except)
  return { amount, left: uses.reduce((left, use) => left - settledBy(use, claim.id), amount) }
}

/** The part of a claim that an operation settles, in cents. */
function settledBy(use: SoldDocument, claim: string): bigint {
  const { kind, shown } = use
  const paid = settledCents(shown.line_items, claim)
  const taken = kind === 'return' && originalIn(use) === claim ? onAccountCents(shown.payments ?? []) : 0n
  return (paid > 0n || staysCompleted(use) ? paid : 0n) - taken
}

/**
 * Throws `related_operation_invalid` if any part of the operation's claim was settled. Also if, without the operation,
 * more of a claim would be settled or owed than there was of it.
 */
export function refuseSettled(view: View, original: SoldDocument): void {
  const { amount, left } = claimState(view, original)
  if (amount !== left) {
    const last = usesOf(view, original, 'settlements').findLast((use) => settledBy(use, original.id) > 0n)
    throw unrelated(original.id, `is on account and settled by ${last?.id}, in part at least`)
  }
  for (const id of settledClaims(original.shown.line_items)) {
    const claim = soldDocument(view, id)
    if (claim === undefined || original.shown.training === true) continue
    const { reversal } = claim.own
    if (reversal.state === 'reversed')
      throw unrelated(original.id, `belongs to a claim that is reversed by ${reversal.by}`)
    const { amount: owed, left: without } = claimState(view, claim, { except: original.id })
    if (without < 0n) throw unrelated(original.id, `gave back a payment of ${id}, which was settled since`)
    if (without > owed) throw unrelated(original.id, `paid for ${id} and was given back`)
  }
}

/** The claim of a completed sale on account, computed for each read: stored answers never change. */
export function onAccountOf(view: View, document: Document): OnAccount | undefined {
  if (!isSold(document) || document.kind === 'return' || document.shown.training === true) return undefined
  if (document.shown.payments?.some(isOnAccount) !== true) return undefined
  const { amount, left } = claimState(view, document)
  return { amount: formatCents(amount), settled: formatCents(amount - left), left: formatCents(left) }
}

/** The rest of a claim, in cents; 0 without one. */
export function leftOfClaim(view: View, document: SoldDocument): bigint {
  return document.shown.payments?.some(isOnAccount) === true ? claimState(view, document).left : 0n
}
