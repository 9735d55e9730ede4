import { inOrder } from '../../../base/canonical.ts'
import { toCents } from '../../../base/money.ts'
import type { Payment } from '../../contract/goods.ts'
import type { CompleteOperation, VoidOperation } from '../../contract/operation.ts'
import { FiskalError } from '../../errors.ts'
import type { GoodsDocument, OperationDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/kinds.ts'
import { refuseIrreversible } from '../../journal/event-limit.ts'
import type { MarkEvent, Members, Plan } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { paymentDocuments } from '../../register/goods-document.ts'
import { cashCents, checkPayments } from '../../register/payments.ts'
import { checkVersion, operationOf } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import type { Step } from '../recording/workflow.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { refusePracticeVouchers } from './practice-vouchers.ts'

/** Thrown inside a commit while another act on the operation is running: wait for it, then decide again. */
class StillActing extends Error {
  override readonly name = 'StillActing'
}

const WAITS = 3

/** Checks the payments, signs the document with them, and adds the cash to the drawer. */
export function completeOperation(
  parts: TillParts,
  given: Mutation,
  id: string,
  input: CompleteOperation,
): Promise<Answer> {
  return settleThen(parts, given, id, (mutation, mayAwait) => {
    const decide: DecideStep = (view, seq) => {
      const document = operationOf(view, mutation, id)
      checkVersion(document, mutation)
      const matched = isGoods(document) ? matchedPayments(document, input) : []
      if (isGoods(document) && document.shown.training !== true) {
        const { merchant_id: merchant, type, line_items: lines } = document.shown
        refusePracticeVouchers(view, merchant, { type, line_items: lines, payments: matched })
      }
      refuseUnlessOpen(document)
      const plan = completion(parts, document, input, matched)
      return end(parts, view, seq, { mutation, document, plan, mayAwait })
    }
    const register = parts.journal.view.operation(id)?.shown.register_id
    const chained = parts.recorder.order.chainedRegister(register ?? undefined)
    return parts.mutations.run(mutation, decide, { priority: 'finish', chained })
  })
}

/** Voids an open operation; a transaction that its start opened on the device is finished as aborted. */
export function voidOperation(parts: TillParts, given: Mutation, id: string, input: VoidOperation): Promise<Answer> {
  return settleThen(parts, given, id, (mutation, mayAwait) => {
    const decide: DecideStep = (view, seq) => {
      const document = operationOf(view, mutation, id)
      checkVersion(document, mutation)
      refuseUnlessOpen(document)
      return end(parts, view, seq, { mutation, document, plan: giveUp(parts, document, input), mayAwait })
    }
    return parts.mutations.run(mutation, decide, { priority: 'finish' })
  })
}

function matchedPayments({ shown }: GoodsDocument, { payments }: CompleteOperation): readonly Payment[] {
  return checkPayments(payments, toCents(shown.total_amount), shown.source)
}

function recorded(parts: TillParts, document: GoodsDocument, goal: Plan['goal']): boolean {
  return lawOf(parts.laws, document)?.records(document, goal) === true
}

/** All documents except goods movements are completed when they are created. */
function refuseUnlessOpen(document: OperationDocument): asserts document is GoodsDocument {
  const { id, status } = document.shown
  if (status === 'open' && isGoods(document)) return
  throw new FiskalError('operation_invalid_state', `Operation ${id} is ${status}.`, { operation_id: id, status })
}

function giveUp(parts: TillParts, document: GoodsDocument, input: VoidOperation): Plan {
  const receipt = recorded(parts, document, 'voided')
  const set = {
    status: 'voided',
    void_reason: input.reason,
    resource_version: document.shown.resource_version + 1,
    ...leftOut(document, receipt),
  }
  return { goal: 'voided', status: 200, set, stamp: ['voided_at', 'updated_at'], receipt }
}

/** A document that the law does not record after all, because it is voided or by its payments, waits for no device. */
function leftOut({ law }: GoodsDocument, receipt: boolean): Members {
  return law !== undefined && !receipt ? { fiscal: { state: 'not_required' } } : {}
}

function completion(
  parts: TillParts,
  document: GoodsDocument,
  input: CompleteOperation,
  matched: readonly Payment[],
): Plan {
  const ended = {
    status: 'completed' as const,
    payments: inOrder(paymentDocuments(input.payments, parts.newId)),
    ...(input.customer !== undefined && { customer: input.customer }),
    resource_version: document.shown.resource_version + 1,
  }
  const own = { countedStatuses: [...new Set(matched.map((payment) => payment.status))] }
  refuseIrreversible(document.shown, ended.payments)
  const inDrawer = document.shown.session_id !== null && document.shown.training !== true
  const receipt = recorded(parts, document.with({ set: ended, own }), 'completed')
  return {
    goal: 'completed',
    status: 200,
    set: { ...ended, ...leftOut(document, receipt) },
    own,
    stamp: ['completed_at', 'updated_at'],
    cash: inDrawer ? Number(cashCents(input.payments)) : 0,
    receipt,
  }
}

/** `mayAwait`: the request may continue before a start that cannot be reconciled now. */
type Ending = { mutation: Mutation; document: GoodsDocument; plan: Plan; mayAwait: boolean }

function end(parts: TillParts, view: View, seq: number, { mutation, document, plan, mayAwait }: Ending): Step {
  const { id } = document
  const acting = view.openIntentsOf(id)
  if (acting.length > 0 && !mayAwait) throw new StillActing(id)
  const verb = plan.goal === 'voided' ? 'void' : 'completion'
  const event: MarkEvent = {
    kind: `operation.${verb}_requested`,
    op: id,
    body: { ...origin(mutation) },
  }
  if (acting.length > 0) {
    refuseWhileEnding(view, acting[0]?.seq ?? 0, id)
    return parts.workflow.beginAwaiting(view, seq, event, document, plan)
  }
  const device = deviceOf(view, document)
  if (device !== undefined) parts.recorder.running.admit(device)
  return parts.workflow.begin(view, seq, event, document, plan)
}

/** Only a start may be overtaken; another end of the same operation is being reconciled. */
function refuseWhileEnding(view: View, intent: number, id: string): void {
  const { root = intent } = view.bodyAt(intent)
  if (view.bodyAt(root).plan?.goal === 'open') return
  throw new FiskalError(
    'reconciling',
    `Operation ${id} is being ended by another request.`,
    { operation_id: id },
    { fiscalEffect: 'unknown', retryAfterSeconds: 2 },
  )
}

function deviceOf(view: View, { law, shown: { register_id: register } }: GoodsDocument): string | undefined {
  if (law === undefined || register === null) return undefined
  return view.register(register)?.shown.fiscal_device ?? undefined
}

/**
 * Decides again after running acts; finally the request overtakes a start that cannot be reconciled now. The till waits
 * for one deadline in total.
 */
async function settleThen(
  parts: TillParts,
  given: Mutation,
  id: string,
  decide: (mutation: Mutation, mayAwait: boolean) => Promise<Answer>,
): Promise<Answer> {
  const { arrivedNs = parts.clock.mono() } = given
  const mutation = { ...given, arrivedNs }
  for (let waits = 0; waits < WAITS; waits++) {
    try {
      return await decide(mutation, false)
    } catch (error) {
      if (!(error instanceof StillActing)) throw error
      await parts.recorder.running.awaitActs(id, arrivedNs)
    }
  }
  return decide(mutation, true)
}
