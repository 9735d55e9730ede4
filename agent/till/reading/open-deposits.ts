import type { OperationDocument, SoldDocument } from '../../journal/documents/document.ts'
import { ofKind } from '../../journal/documents/document.ts'
import { isReversed } from '../../journal/documents/sold-goods.ts'
import type { Members } from '../../journal/events.ts'
import { BEFORE_FIRST } from '../../journal/projections/operation-walk.ts'
import type { View } from '../../journal/projections/view.ts'
import { depositsOf, leftOfDeposit } from '../selling/deposits.ts'

const HINTED_MAX = 20
/** Deposits that a read looks at: some 100 ms. */
const LOOKED_AT = 500

/**
 * The answer of a read, with a hint if a capture leaves deposits of its customer open: each instalment must be taken off the
 * final invoice with its tax (§ 14 (5) S. 2 UStG). Looked for among the newest 5,000 operations.
 */
export function withDepositHint(view: View, document: OperationDocument, answer: Members): Members {
  const capture = ofKind(document, 'deposit_capture')
  const customer = capture?.shown.customer?.id
  if (capture === undefined || customer === undefined || !isInForce(view, capture)) return answer
  const ids = otherDeposits(view, capture, customer)
  if (ids.length === 0) return answer
  const message = `The customer ${customer} has other deposits that are not taken off: ${ids.join(', ')}.`
  const hint = { code: 'other_deposits_open', message, operation_ids: ids }
  return { ...answer, hints: [...(capture.shown.hints ?? []), hint] }
}

/** The newest ones first. */
function otherDeposits(view: View, capture: SoldDocument, customer: string): string[] {
  const filter = { merchant: capture.shown.merchant_id, type: 'deposit', status: 'completed' }
  const upTo = view.operationsUpTo(filter, BEFORE_FIRST.desc, 'desc')
  const rows = view.operations(filter, BEFORE_FIRST.desc, LOOKED_AT, upTo, 'desc')
  const named = new Set(depositsOf(view, capture).map(({ id }) => id))
  const found: string[] = []
  for (const { id } of rows) {
    const deposit = ofKind(view.operation(id), 'deposit')
    const isOfCustomer = deposit?.shown.customer?.id === customer && deposit.shown.training !== true
    if (!isOfCustomer || named.has(id) || leftOfDeposit(view, deposit) <= 0n) continue
    found.push(id)
    if (found.length === HINTED_MAX) break
  }
  return found
}

/** Training takes nothing off, and neither does a capture that was voided or reversed. */
function isInForce(view: View, capture: SoldDocument): boolean {
  const { status, training } = capture.shown
  return status !== 'voided' && training !== true && !isReversed(view, capture)
}
