import { inOrder } from '../../../base/canonical.ts'
import { toCents } from '../../../base/money.ts'
import type { Payment } from '../../contract/goods.ts'
import type { CompleteOperation, VoidOperation } from '../../contract/operation.ts'
import { unfit } from '../../contract/parse.ts'
import type {
  GoodsDocument,
  MovementDocument,
  OperationDocument,
  UnpaidDocument,
} from '../../journal/documents/document.ts'
import { isGoods, isUnpaid } from '../../journal/documents/document.ts'
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
import { refusePracticeVouchers } from './goods-rules.ts'
import { afterActs, overtakesStart, refuseUnlessOpen } from './open-sale.ts'
import { refusePayments, unpaidEnd } from './unpaid.ts'

/** Checks the payments, signs the document with them, and adds the cash to the drawer. */
export function completeOperation(
  parts: TillParts,
  given: Mutation,
  id: string,
  input: CompleteOperation,
): Promise<Answer> {
  return afterActs(parts, given, id, (mutation, how) => {
    const decide: DecideStep = (view, seq) => {
      const document = operationOf(view, mutation, id)
      checkVersion(document, mutation)
      const paid = paidWith(view, document, input)
      refuseUnlessOpen(document)
      const plan = isUnpaid(document)
        ? unpaidCompletion(parts, document, input)
        : completion(parts, document, input, paid)
      return end(parts, view, seq, { mutation, document, plan, ...how })
    }
    const register = parts.journal.view.operation(id)?.shown.register_id
    const chained = parts.recorder.order.chainedRegister(register ?? undefined)
    return parts.mutations.run(mutation, decide, { priority: 'finish', chained })
  })
}

/** Voids an open operation; a transaction that its start opened on the device is finished as aborted. */
export function voidOperation(parts: TillParts, given: Mutation, id: string, input: VoidOperation): Promise<Answer> {
  return afterActs(parts, given, id, (mutation, how) => {
    const decide: DecideStep = (view, seq) => {
      const document = operationOf(view, mutation, id)
      checkVersion(document, mutation)
      refuseUnlessOpen(document)
      return end(parts, view, seq, { mutation, document, plan: giveUp(parts, document, input), ...how })
    }
    return parts.mutations.run(mutation, decide, { priority: 'finish' })
  })
}

/** The payments of a completion, and those that make up the total. */
type Paid = { payments: Payment[]; matched: readonly Payment[] }

function paidWith(view: View, document: OperationDocument, input: CompleteOperation): Paid {
  if (isUnpaid(document)) refusePayments(document, input)
  if (!isGoods(document)) return { payments: [], matched: [] }
  const payments = requirePayments(input)
  const { merchant_id: merchant, type, line_items: lines, total_amount: total, source, training } = document.shown
  const matched = checkPayments(payments, toCents(total), source)
  if (training !== true) refusePracticeVouchers(view, merchant, { type, line_items: lines, payments: matched })
  return { payments, matched }
}

/** The body of a completion does not name the type: only here it is known that payments are needed. */
function requirePayments({ payments }: CompleteOperation): Payment[] {
  if (payments === undefined) throw unfit([{ pointer: '/payments', message: 'is required' }])
  if (payments.length > 0) return payments
  const message = 'must hold at least one payment; of an even swap one of "0.00"'
  throw unfit([{ pointer: '/payments', message }])
}

function recorded(parts: TillParts, document: MovementDocument, goal: Plan['goal']): boolean {
  return lawOf(parts.laws, document)?.records(document, goal) === true
}

function giveUp(parts: TillParts, document: MovementDocument, input: VoidOperation): Plan {
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
function leftOut({ law }: MovementDocument, receipt: boolean): Members {
  return law !== undefined && !receipt ? { fiscal: { state: 'not_required' } } : {}
}

function completion(
  parts: TillParts,
  document: GoodsDocument,
  input: CompleteOperation,
  { payments, matched }: Paid,
): Plan {
  const ended = {
    status: 'completed' as const,
    payments: inOrder(paymentDocuments(payments, parts.newId)),
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
    cash: inDrawer ? Number(cashCents(payments)) : 0,
    receipt,
  }
}

/** No money moves; what it settles is in the commit that asks for its end. */
function unpaidCompletion(parts: TillParts, document: UnpaidDocument, input: CompleteOperation): Plan {
  const ended = unpaidEnd(document, input)
  const receipt = recorded(parts, document.with({ set: ended }), 'completed')
  const set = { ...ended, ...leftOut(document, receipt) }
  return { goal: 'completed', status: 200, set, stamp: ['completed_at', 'updated_at'], receipt }
}

/** `mayOvertake`: the request may continue before a start that cannot be reconciled now. */
type Ending = { mutation: Mutation; document: MovementDocument; plan: Plan; mayOvertake: boolean }

function end(parts: TillParts, view: View, seq: number, ending: Ending): Step {
  const { mutation, document, plan } = ending
  const { id } = document
  const overtakes = overtakesStart(view, id, ending)
  const verb = plan.goal === 'voided' ? 'void' : 'completion'
  const event: MarkEvent = {
    kind: `operation.${verb}_requested`,
    op: id,
    body: { ...origin(mutation) },
  }
  if (overtakes) return parts.workflow.beginAwaiting(view, seq, event, document, plan)
  const device = deviceOf(view, document)
  if (device !== undefined) parts.recorder.running.admit(device)
  return parts.workflow.begin(view, seq, event, document, plan)
}

function deviceOf(view: View, { law, shown: { register_id: register } }: MovementDocument): string | undefined {
  if (law === undefined || register === null) return undefined
  return view.register(register)?.shown.fiscal_device ?? undefined
}
