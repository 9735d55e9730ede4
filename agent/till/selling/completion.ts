import { inOrder } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { toCents } from '../../../base/money.ts'
import type { Hint } from '../../contract/hint.ts'
import type { CompleteOperation, VoidOperation } from '../../contract/operation.ts'
import { unfit } from '../../contract/parse.ts'
import type { Payment, SentPayment } from '../../contract/payment.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { GoodsDocument, MovementDocument, OperationDocument } from '../../journal/documents/document.ts'
import { isGoods, isMovement, isSold, isUnpaid, originalIn } from '../../journal/documents/document.ts'
import { refuseIrreversible } from '../../journal/event-limit.ts'
import type { MarkEvent, Members, NewEvent, OrdersMark, Parts, Plan } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { paymentDocuments } from '../../register/goods-document.ts'
import { isOnAccount } from '../../register/on-account.ts'
import { cashCents, checkPayments } from '../../register/payments.ts'
import { checkVersion, operationOf } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import type { Step } from '../recording/workflow.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import type { Amendment } from './amendment.ts'
import { amendable, amendment, membersOf, recordedAfter } from './amendment.ts'
import { checkVouchers } from './checked-goods.ts'
import { foreignMoved } from './foreign-cash.ts'
import { goodsOnPaper, hasGoods, isHalfPrinted } from './half-printed.ts'
import { onAccount } from './on-account.ts'
import { afterActs, overtakesStart, refuseUnlessOpen } from './open-sale.ts'
import type { OrderEffect } from './order-effects.ts'
import { NO_EFFECT, orderEffect } from './order-effects.ts'
import { bringsTip, tipMembers } from './tip.ts'
import { refusePayments, unpaidEnd } from './unpaid.ts'
import { redemptionMarks } from './vouchers.ts'

/** Checks the payments, signs the document with them, and adds the cash to the drawer. */
export function completeOperation(
  parts: TillParts,
  given: Mutation,
  input: CompleteOperation,
  id: string,
): Promise<Answer> {
  return afterActs(parts, given, id, (mutation, how) => {
    const decide: DecideStep = (view, seq) => {
      const document = operationOf(view, mutation, id)
      checkVersion(document, mutation)
      const { events, ...ending } = completionOf({ parts, view, document, input })
      const step = end(parts, view, seq, { mutation, ...ending, ...how })
      return events.length === 0 ? step : { ...step, events: [...step.events, ...events] }
    }
    // Before the commit: if a law chains the receipts of a register, the whole request waits for the one before it.
    const register = parts.journal.view.operation(id)?.shown.register_id
    const chained = parts.recorder.order.chainedRegister(register ?? undefined)
    return parts.mutations.run(mutation, decide, { priority: 'finish', chained })
  })
}

/** The completion of an operation, as it is asked for within a commit. */
type Asked = { parts: TillParts; view: View; document: OperationDocument; input: CompleteOperation }
/** `events`: on the operations that the goods and the payments refer to. */
type Completion = Pick<Ending, 'document' | 'plan' | 'orders' | 'recorded'> & { events: readonly NewEvent[] }

/**
 * The order of the statements is the order of the refusals, so that a request with several faults gets the same code in
 * each version. No device is called before all of them have passed.
 */
function completionOf(asked: Asked): Completion {
  const { parts, view, document, input } = asked
  const sent = paymentsOf(asked)
  const last = withTip(asked, lastGoods(asked))
  const goods = last === undefined ? document : document.with(last.change)
  refuseEmpty(goods)
  if (input.customer !== undefined) checkBuyer(parts, goods, input.customer)
  const { marks, ...paying } = matchedWith(parts, view, goods, sent)
  refuseUnlessOpen(document)
  refuseUnlessOpen(goods)
  const claims = claimMarks(asked, goods, paying)
  const { shown } = goods
  // Decided with the end and not with the start: two bills may be open for one table, and only one settles its lines.
  const effect = 'allocation_group' in shown ? orderEffect(view, goods.kind, shown) : NO_EFFECT
  const end = isGoods(goods)
    ? paidEnd(asked, goods, { ...paying, settled: effect.settled })
    : { set: unpaidEnd(goods, input, effect.settled) }
  const change = changeAtEnd(end, effect, input, last)
  // A law may not record the goods as they were at the start, but record the last ones, or the other way round.
  const recorded = recordedAfter(parts, view, document, change)
  const receipt = recorded !== undefined || isRecorded(parts, document.with(change), 'completed')
  // Last: a hint refuses nothing, and compares with what other operations have done since the start.
  const hints = [...(effect.set?.hints ?? []), ...hintsAtEnd(parts, view, goods)]
  const set = { ...change.set, ...(hints.length > 0 && { hints }), ...leftOut(document, receipt) }
  const stamp = ['completed_at', 'updated_at'] as const
  const plan: Plan = { ...end, ...change, goal: 'completed', status: 200, set, stamp, receipt }
  return { document, plan, recorded, orders: effect.orders, events: [...(last?.marks ?? marks), ...claims] }
}

function hintsAtEnd(parts: TillParts, view: View, goods: OperationDocument): readonly Hint[] {
  return isGoods(goods) ? (lawOf(parts.laws, goods)?.hintsAtEnd?.(view, goods) ?? []) : []
}

const NO_MARKS: readonly NewEvent[] = []

/** Checks what is on account. Returns the events on the claims that a return takes back. */
function claimMarks(
  { parts, view, input: { customer } }: Asked,
  goods: OperationDocument,
  { payments, signed }: Pick<Paying, 'payments' | 'signed'>,
): readonly NewEvent[] {
  if (!isSold(goods) || !payments.some(isOnAccount)) return NO_MARKS
  return onAccount(parts, view, goods, { customer, payments, signed })
}

/** Voids an open operation; a transaction that its start opened on the device is finished as aborted. */
export function voidOperation(parts: TillParts, given: Mutation, input: VoidOperation, id: string): Promise<Answer> {
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

/** The payments of a completion; none for a document without payments. */
function paymentsOf({ document, input }: Asked): SentPayment[] {
  if (isUnpaid(document)) refusePayments(document, input)
  return isGoods(document) ? requirePayments(input) : []
}

/**
 * Checks that the payments make up the total, and the vouchers among goods and payments. `marks`: the events of the
 * single-purpose vouchers that the goods redeem.
 */
function matchedWith(
  parts: TillParts,
  view: View,
  document: OperationDocument,
  sent: readonly SentPayment[],
): Omit<Paying, 'settled'> & { marks: readonly NewEvent[] } {
  if (!isGoods(document)) return { payments: [], signed: [], marks: NO_MARKS }
  const { merchant_id: merchant, type, line_items: lines, total_amount: total, source, training } = document.shown
  const paying = checkPayments(sent, toCents(total), source, membersOf(parts, view, document))
  if (training === true) return { ...paying, marks: NO_MARKS }
  const related_operation_id = isSold(document) ? originalIn(document) : undefined
  const { payments, signed } = paying
  const moved = { type, line_items: lines, payments: signed, sent: payments, related_operation_id }
  const redeems = checkVouchers(view, merchant, moved, document.id)
  return { ...paying, marks: redeems && isSold(document) ? redemptionMarks(view, document) : NO_MARKS }
}

/** The body of a completion does not name the type: only here it is known that payments are needed. */
function requirePayments({ payments }: CompleteOperation): SentPayment[] {
  if (payments === undefined) throw unfit([{ pointer: '/payments', message: 'is required' }])
  if (payments.length > 0) return payments
  const message = 'must hold at least one payment; of an even swap one of "0.00"'
  throw unfit([{ pointer: '/payments', message }])
}

function isRecorded(parts: TillParts, document: MovementDocument, goal: Plan['goal']): boolean {
  return lawOf(parts.laws, document)?.records(document, goal) === true
}

function giveUp(parts: TillParts, document: MovementDocument, input: VoidOperation): Plan {
  const receipt = isRecorded(parts, document, 'voided')
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

/** Members that a completion may have only together with its lines. */
const OF_LINES = ['pretax_amount', 'tax_amount', 'total_amount', 'cart_level_discounts'] as const

/** The amendment that comes with a completion. Throws `unprocessable_entity` for amounts without lines. */
function lastGoods({ parts, view, document, input }: Asked): Amendment | undefined {
  const { line_items } = input
  if (line_items !== undefined) {
    refuseUnlessOpen(document)
    const { payments: _payments, tip_recipient: _recipient, issued_as: _issued, ...goods } = input
    const sent = { ...goods, line_items }
    const open = amendable(document)
    if (!isHalfPrinted(parts.laws, open)) return amendment(parts, view, open, sent, rfc3339(parts.clock.now()))
    if (hasGoods(open, sent)) return undefined
    throw goodsOnPaper(open)
  }
  const alone = OF_LINES.find((name) => input[name] !== undefined)
  if (alone === undefined) return undefined
  refuseUnlessOpen(document)
  const message = `${alone} belongs to line_items: send all lines and amounts with the completion, or none of them.`
  throw unprocessable(message, `/${alone}`)
}

/** Adds the tip, which comes with the payments: an amendment never changes it. */
function withTip({ parts, view, document, input }: Asked, last: Amendment | undefined): Amendment | undefined {
  if (!bringsTip(input)) return last
  const { change, marks } = last ?? { change: { set: {} }, marks: [] }
  const set = tipMembers(parts, view, last === undefined ? document : document.with(change), input)
  return { change: { ...change, set: { ...change.set, ...set } }, marks }
}

/** A buyer who comes with the completion replaces the one of before. Throws `customer_required`. */
function checkBuyer(parts: TillParts, document: OperationDocument, buyer: CompleteOperation['customer']): void {
  if (isMovement(document)) lawOf(parts.laws, document)?.checkBuyer?.(document.shown.line_items, buyer)
}

/** Throws `unprocessable_entity` for an open operation without a line. */
function refuseEmpty(document: OperationDocument): void {
  if (!isMovement(document) || document.shown.line_items.length > 0) return
  refuseUnlessOpen(document)
  throw unprocessable(`Operation ${document.id} has no line: void it, or send its lines.`, '/line_items')
}

/** The end of an operation, without what it settles; no money moves in one without payments. */
type PlannedEnd = Pick<Plan, 'own' | 'cash' | 'foreign'> & { readonly set: Members }

/** All that the end changes: its own members, the order lines that it settles, how its receipt is issued, its last goods. */
function changeAtEnd(
  end: PlannedEnd,
  effect: OrderEffect,
  { issued_as: issued }: CompleteOperation,
  last: Amendment | undefined,
): Parts {
  const set = { ...end.set, ...effect.set, ...(issued !== undefined && { issued_as: issued }) }
  const own = effect.own === undefined ? end.own : { ...end.own, ...effect.own }
  if (last === undefined) return { set, ...(own !== undefined && { own }) }
  const { change } = last
  const law = change.law !== undefined && { law: change.law }
  return { set: inOrder({ ...change.set, ...set }), own: { ...change.own, ...own }, ...law }
}

/** `settled`: the open order lines that the bill settles. */
type Paying = {
  payments: readonly Payment[]
  signed: readonly Payment[]
  settled: OrderEffect['settled'] | undefined
}

function paidEnd(
  { parts, view, input: { customer } }: Asked,
  goods: GoodsDocument,
  { payments, signed, settled }: Paying,
): PlannedEnd {
  const { shown } = goods
  // In the order in which it is written.
  const set = {
    ...(customer !== undefined && { customer }),
    payments: inOrder(paymentDocuments(payments, parts.newId)),
    resource_version: shown.resource_version + 1,
    status: 'completed' as const,
  }
  refuseIrreversible(shown, set.payments, settled)
  const inDrawer = shown.session_id !== null && shown.training !== true
  const foreign = inDrawer ? foreignMoved(view, shown, payments) : undefined
  return {
    set,
    own: { counted_statuses: [...new Set(signed.map((payment) => payment.status))] },
    cash: inDrawer ? Number(cashCents(payments)) : 0,
    ...(foreign && { foreign }),
  }
}

/**
 * `mayOvertake`: the request may continue before a start that cannot be reconciled now. `recorded`: the law records the
 * operation from now on.
 */
type Ending = {
  mutation: Mutation
  document: MovementDocument
  plan: Plan
  orders?: OrdersMark | undefined
  recorded?: ReturnType<typeof recordedAfter>
  mayOvertake: boolean
}

function end(parts: TillParts, view: View, seq: number, ending: Ending): Step {
  const { mutation, plan, orders, recorded } = ending
  if (plan.goal === 'completed') refuseAfterClose(view, ending.document)
  const document = recorded === undefined ? ending.document : ending.document.with(recorded)
  const { id } = document
  const overtakes = overtakesStart(view, id, ending)
  const verb = plan.goal === 'voided' ? 'void' : 'completion'
  const event: MarkEvent = {
    kind: `operation.${verb}_requested`,
    op: id,
    body: { ...origin(mutation), ...recorded, ...(orders !== undefined && { orders }) },
  }
  if (overtakes) return parts.workflow.beginAwaiting(view, seq, event, document, plan)
  const device = deviceOf(view, document)
  if (device !== undefined) parts.recorder.running.admit(device)
  return parts.workflow.begin(view, seq, event, document, plan)
}

/** An older program closes a session over what only a newer one knows: its money would be in no drawer. */
function refuseAfterClose(view: View, { id, shown: { register_id: register, session_id: session } }: MovementDocument) {
  if (register === null || session === null) return
  const newest = view.lastSessionState(register)
  if (newest?.id === session && newest.state !== 'closed') return
  throw new FiskalError(
    'session_invalid_state',
    `The session of operation ${id} was closed by an older version: void it, and record it again in the open session.`,
    { operation_id: id, session_id: session, state: 'closed' },
  )
}

function deviceOf(view: View, { law, shown: { register_id: register } }: MovementDocument): string | undefined {
  if (law === undefined || register === null) return undefined
  return view.register(register)?.shown.fiscal_device ?? undefined
}
