import type { Json } from '../../../base/canonical.ts'
import { inOrder } from '../../../base/canonical.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { isSold } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules, ReversalRules } from '../../laws/law.ts'
import { paymentDocuments } from '../../register/goods-document.ts'
import { cashCents } from '../../register/payments.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'

type Parts = Pick<TillParts, 'journal' | 'laws' | 'workflow' | 'newId'>
type Half = {
  document: OperationDocument
  ended: NonNullable<ReturnType<NonNullable<ReversalRules['ended']>>>
}

/** The documents and payments of the printed part. */
export type PrintedPart = {
  readonly operation_id: string
  readonly type: string
  readonly documents: readonly PrintedDocument[]
  readonly payments: readonly { readonly method: string; readonly amount: string }[]
  readonly hints: Json
}
type PrintedDocument = Readonly<Record<'document_type' | 'document_number' | 'rt_serial_number', string>>

/**
 * The printed part of an operation that can be ended with it. Throws `not_found`; `operation_invalid_state` if it is
 * complete or nothing of it is printed; `reconciling` until its device has reported the outcome.
 */
export function halfPrinted({ journal, laws }: Pick<Parts, 'journal' | 'laws'>, id: string): PrintedPart {
  return shownPart(halfOf(journal.view, laws, id))
}

/** Ends it with its printed part: the rest is removed. Throws like {@link halfPrinted}. */
export function endOperation(
  { journal, laws, workflow, newId }: Parts,
  id: string,
  reason: string,
): Promise<PrintedPart> {
  return journal.commit('outcome', (view, seq) => {
    const half = halfOf(view, laws, id)
    const { document, ended } = half
    const payments = inOrder(paymentDocuments(ended.payments, newId))
    const set = {
      status: 'completed' as const,
      ...ended.set,
      payments,
      resource_version: document.shown.resource_version + 1,
    }
    const own = { counted_statuses: [...new Set(payments.map(({ status }) => status))] }
    // A reversal does not affect a count: its session may be closed.
    const takesCash = view.session(document.shown.session_id ?? '')?.state !== 'closed'
    const cash = takesCash ? Number(cashCents(payments)) : 0
    const stamp = ['completed_at', 'updated_at']
    const plan = {
      goal: 'completed' as const,
      status: 200,
      set,
      own,
      ...(ended.law && { law: ended.law }),
      stamp,
      cash,
      receipt: true,
    }
    const event: NewEvent = { kind: 'operation.cut_short', op: document.id, body: { facts: { reason } } }
    const { events } = workflow.begin(view, seq, event, document, plan)
    return { events, result: shownPart(half) }
  })
}

function halfOf(view: View, laws: readonly LawRules[], id: string): Half {
  const document = unfinishedOf(view, id)
  if (document === undefined) throw notFound('operation', id)
  if (view.openIntentsOf(document.id).length > 0) {
    throw new FiskalError(
      'reconciling',
      `The device has not reported what it did of operation ${document.id}: wait until it has.`,
      { operation_id: document.id },
      { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
    )
  }
  const { status } = document.shown
  const isUnfinished = status !== 'completed'
  const ended = isUnfinished ? lawOf(laws, document)?.reversals?.ended?.(document) : undefined
  if (ended !== undefined) return { document, ended }
  const why = isUnfinished ? 'nothing of it is printed: complete or void it' : 'nothing is left to end'
  throw new FiskalError('operation_invalid_state', `Operation ${document.id} is ${status}: ${why}.`, {
    operation_id: document.id,
    status,
  })
}

/** The operation, or, if it is completed, its reversal that was refused in the middle. */
function unfinishedOf(view: View, id: string): OperationDocument | undefined {
  const document = view.operation(id)
  if (document === undefined || !isSold(document) || document.shown.status !== 'completed') return document
  const { reversal } = document.own
  return reversal.state === 'refused' ? view.operation(reversal.by) : document
}

function shownPart({ document, ended }: Half): PrintedPart {
  const { fiscal_information: facts, hints } = ended.set
  const paid = ended.payments.map(({ method, amount }) => ({ method, amount }))
  return {
    operation_id: document.id,
    type: document.kind,
    documents: (facts as { documents?: readonly PrintedDocument[] } | undefined)?.documents ?? [],
    payments: paid,
    hints: hints ?? [],
  }
}
