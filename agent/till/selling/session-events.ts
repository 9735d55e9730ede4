import { formatCents, toCents } from '../../../base/money.ts'
import type { CreateOperation } from '../../contract/operation.ts'
import type { Register } from '../../contract/register.ts'
import type {
  CreateSessionCashAdjustment,
  CreateSessionCashCount,
  CreateSessionClose,
  CreateSessionOpen,
} from '../../contract/session-event.ts'
import { unprocessable } from '../../errors.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { madeAs, newDocument } from '../../journal/documents/document.ts'
import type { OwnPart } from '../../journal/documents/own.ts'
import type { KindWithoutFacts } from '../../journal/event-facts.ts'
import type { MarkEvent, Marks, Members, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { refuseImplausibleDate } from '../../register/business-date.ts'
import { foreignCount, takenOut } from '../../register/foreign-cash.ts'
import {
  belowZero,
  cashAdjustment,
  cashCount,
  closingAdjustment,
  countCorrection,
  leftInDrawer,
  openingCents,
  refuseOpenOperations,
  refuseOverdrawn,
  refuseUnlessClosed,
  requireCorrectable,
  requireCountedSession,
  requireOpenSession,
} from '../../register/session.ts'
import { newestSession, refuseUnfiscalized, refuseWhileDecommissioning, registerOf } from '../guards.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { pendingChanges } from '../set-up/master-data.ts'
import { applyHeldDevice, handOver } from '../set-up/moves.ts'
import { envelope } from './create-goods.ts'
import { numberLeftBons, refuseWhileUnnumbered } from './unnumbered-bons.ts'

export type CreateSessionEvent = Extract<CreateOperation, { type: `session_${string}` }>

/** The operation members of a session event, and its change of the session. */
type SessionEffect = {
  kind: KindWithoutFacts
  set: Members
  own?: OwnPart
  session: NonNullable<Marks['session']>
  /** No law records it. */
  isNote?: true
  more?: readonly NewEvent[]
}
type DecideEffect = (parts: TillParts, view: View, register: Register, now: string) => SessionEffect

/** POST of a session event: completed at creation; its first event changes the session. */
export async function createSessionEvent(
  parts: TillParts,
  mutation: Mutation,
  input: CreateSessionEvent,
): Promise<Answer> {
  // Existence is checked before the rules, and both before anything that a refusal would leave behind.
  const before = registerOf(parts.journal.view, mutation, input.register_id).shown
  const plan = effectOf(input)
  const numbersBons = input.type !== 'session_cash_adjustment' && !isInterim(input)
  if (numbersBons && mutation.dryRun !== true) await numberLeftBons(parts, input.register_id)
  if (input.type === 'session_open' && mutation.dryRun !== true) await applyHeldDevice(parts, before.id)
  const answer = await recordSessionEvent(parts, mutation, input, plan)
  if (input.type !== 'session_close' || mutation.dryRun === true) return answer
  await applyHeldDevice(parts, before.id)
  await handOver(parts, before)
  return answer
}

function recordSessionEvent(
  parts: TillParts,
  mutation: Mutation,
  input: CreateSessionEvent,
  plan: DecideEffect,
): Promise<Answer> {
  return parts.mutations.run(mutation, (view, seq) => {
    const { shown: register } = registerOf(view, mutation, input.register_id)
    const common = envelope(parts, register.merchant_id, register, input)
    const effect = plan(parts, view, register, common.created_at)
    const operation = {
      ...common,
      status: 'completed' as const,
      completed_at: common.created_at,
      session_id: effect.session.id,
      ...effect.set,
    }
    const law = lawOfRegister(parts.laws, register)
    const own = effect.own && { own: effect.own }
    const pendingDocument = newDocument(input.type, {
      set: { ...operation, fiscal: { state: 'pending' } } as never,
      ...own,
    })
    const records = effect.isNote !== true && law?.records(pendingDocument, 'completed') === true
    const set: Members = { ...operation, fiscal: { state: records ? 'pending' : 'not_required' } }
    const index = {
      kind: input.type,
      merchant: register.merchant_id,
      register: register.id,
      session: effect.session.id,
    }
    const body: MarkEvent['body'] = {
      index,
      status: 'completed',
      ...origin(mutation),
      set,
      ...own,
      ...(records && { law: { name: law.facts.name } }),
      session: effect.session,
    }
    if (records) parts.recorder.running.admit(register.fiscal_device)
    const event: NewEvent = { kind: effect.kind, op: operation.id, body }
    const step = parts.workflow.begin(view, seq, event, madeAs(event, input.type), {
      goal: 'completed',
      status: 201,
      receipt: records,
    })
    return { ...step, events: [...step.events, ...(effect.more ?? [])] }
  })
}

function effectOf(input: CreateSessionEvent): DecideEffect {
  switch (input.type) {
    case 'session_open':
      return planOpen(input)
    case 'session_cash_adjustment':
      return planAdjustment(input)
    case 'session_cash_count':
      return isInterim(input) ? planInterim(input) : planCount(input)
    case 'session_close':
      return planClose(input)
  }
}

function planOpen(input: CreateSessionOpen): DecideEffect {
  const cents = openingCents(input)
  return (parts, view, register, now) => {
    refuseUnfiscalized(register)
    refuseWhileDecommissioning(view, register.id, 'none')
    refuseUnlessClosed(newestSession(view, register.id), register.id)
    refuseWhileUnnumbered(view, register.id)
    const id = parts.newId('ses')
    const set: ShownOf['session'] = {
      id,
      merchant_id: register.merchant_id,
      location_id: register.location_id,
      register_id: register.id,
      state: 'open',
      currency: input.currency,
      opening_balance_amount: input.opening_balance_amount,
      counted_closing_amount: null,
      closing_cashcount_diff: null,
      business_date: null,
      closing_adjustment_amount: null,
      amount_left: null,
      opened_at: now,
      counted_at: null,
      closed_at: null,
    }
    return {
      kind: 'session.opened',
      set: { opening_balance_amount: input.opening_balance_amount },
      session: { id, register: register.id, set, cash: Number(cents) },
    }
  }
}

function planAdjustment(input: CreateSessionCashAdjustment): DecideEffect {
  const { cents, movementType } = cashAdjustment(input)
  return (_parts, view, register) => {
    refuseUnfiscalized(register)
    const id = requireOpenSession(newestSession(view, register.id), register.id)
    refuseOverdrawn(register.id, drawerCash(view, id), cents)
    return {
      kind: 'session.cash_adjusted',
      set: { cash_amount: input.cash_amount, movement_type: movementType, note: input.note ?? null },
      session: { id, register: register.id, cash: Number(cents) },
    }
  }
}

function planCount(input: CreateSessionCashCount): DecideEffect {
  cashCount(input, 0n)
  return (parts, view, register, now) => {
    refuseUnfiscalized(register)
    const id = sessionToCount(view, register.id, input)
    refuseOpenOperations(view.openOperations(register.id).map((operation) => operation.id))
    refuseWhileUnnumbered(view, register.id)
    const { amounts, foreign, more } = countedIn(parts, view, register, { id, input })
    const correction = correctionOf(view, id, input, foreign?.booked !== undefined)
    return {
      kind: 'session.counted',
      set: { ...amounts, ...correction, ...more },
      ...(foreign?.booked && { own: { foreign: foreign.booked } }),
      session: {
        id,
        register: register.id,
        ...salesIn(view, id),
        set: { ...amounts, state: 'counted', counted_at: now },
      },
    }
  }
}

function isInterim(input: CreateSessionEvent): boolean {
  return input.type === 'session_cash_count' && input.interim === true
}

/** A count during the shift (§ 146b (1) AO): a note in the session, which stays open. */
function planInterim(input: CreateSessionCashCount): DecideEffect {
  cashCount(input, 0n)
  if (input.corrects_operation_id !== undefined)
    throw unprocessable('An interim count corrects none: count again.', '/corrects_operation_id')
  return (parts, view, register, now) => {
    refuseUnfiscalized(register)
    const id = requireOpenSession(newestSession(view, register.id), register.id)
    const { amounts, more } = countedIn(parts, view, register, { id, input })
    const { operator_id, operator_name } = input
    const by = { ...(operator_id && { operator_id }), ...(operator_name && { operator_name }) }
    return {
      kind: 'session.counted',
      isNote: true,
      set: { ...amounts, interim: true, ...more },
      session: {
        id,
        register: register.id,
        ...salesIn(view, id),
        set: { interim_count: { ...amounts, ...by, counted_at: now } },
      },
    }
  }
}

/** The amounts of a count, and the members that go with them. */
function countedIn(
  { laws }: TillParts,
  view: View,
  register: Register,
  { id, input }: { id: string; input: CreateSessionCashCount },
) {
  if (input.foreign_cash !== undefined) lawOfRegister(laws, register)?.members.require('foreign_cash', '/foreign_cash')
  const expected = drawerCash(view, id)
  const foreign = foreignCounted(view, id, input)
  const hint = belowZero(id, expected)
  const groups = view.openLines(register.location_id)?.groups().length
  const amounts = {
    expected_closing_amount: formatCents(expected),
    counted_closing_amount: input.counted_closing_amount,
    closing_cashcount_diff: formatCents(cashCount(input, expected).diffCents),
    ...(foreign && { foreign_cash: foreign.list }),
  }
  const more = {
    ...(input.discrepancy_note !== undefined && { discrepancy_note: input.discrepancy_note }),
    ...(hint !== undefined && { hints: [hint] }),
    ...(groups !== undefined && { open_allocation_groups: groups }),
  }
  return { amounts, foreign, more }
}

function sessionToCount(
  view: View,
  registerId: string,
  { corrects_operation_id: wanted }: CreateSessionCashCount,
): string {
  const session = newestSession(view, registerId)
  if (wanted === undefined) return requireOpenSession(session, registerId)
  const newest = view.lastCompleted(registerId).find(({ type }) => type === 'session_cash_count')
  return requireCorrectable(session, registerId, { wanted, newestCount: newest?.id })
}

/** The members of a count that corrects one: the session has the amount of the newest. */
function correctionOf(view: View, sessionId: string, input: CreateSessionCashCount, isOtherForeign: boolean): Members {
  if (input.corrects_operation_id === undefined) return {}
  const before = toCents(view.session(sessionId)?.document.shown.counted_closing_amount ?? '0')
  return {
    corrects_operation_id: input.corrects_operation_id,
    correction_amount: formatCents(countCorrection(cashCount(input, 0n).countedCents, before, isOtherForeign)),
  }
}

/** Foreign cash is counted whole, also by a count that corrects another. */
function foreignCounted(view: View, sessionId: string, { foreign_cash: sent }: CreateSessionCashCount) {
  const session = view.session(sessionId)
  return foreignCount(sent, session?.foreign, session?.document.shown.foreign_cash)
}

function drawerCash(view: View, sessionId: string): bigint {
  return BigInt(view.session(sessionId)?.cash ?? 0)
}

/** To remove a receipt from the journal an attacker must change the count and the close, too. */
function salesIn(view: View, sessionId: string): Pick<SessionEffect['session'], 'sales'> {
  const sales = view.salesIn(sessionId)
  return sales === undefined ? {} : { sales }
}

/** A shift must be closable with a broken clock: then the date is not compared. */
function refuseWrongDate(
  { journal, laws }: TillParts,
  view: View,
  { register, session, date, now }: { register: Register; session: string; date: string; now: string },
): void {
  const running = view.session(session)
  const law = lawOfRegister(laws, register)
  if (running === undefined || law === undefined) return
  if (journal.clockWatch.isSuspect || view.bodyAt(running.seq).clock === 'suspect') return
  const { opened_at: opened } = running.document.shown
  refuseImplausibleDate(date, { opened, now, timeZone: law.facts.timeZone })
}

function planClose(input: CreateSessionClose): DecideEffect {
  const adjustmentCents = closingAdjustment(input)
  return (parts, view, register, now) => {
    refuseUnfiscalized(register)
    const id = requireCountedSession(newestSession(view, register.id), register.id)
    refuseWrongDate(parts, view, { register, session: id, date: input.business_date, now })
    refuseOpenOperations(view.openOperations(register.id).map((operation) => operation.id))
    refuseWhileUnnumbered(view, register.id)
    const { counted_closing_amount: counted, foreign_cash: foreign } = view.session(id)?.document.shown ?? {}
    const amountLeft = leftInDrawer(toCents(counted ?? '0.00'), adjustmentCents)
    const taken = takenOut(foreign)
    const shared = { business_date: input.business_date, amount_left: formatCents(amountLeft) }
    const adjustment = input.closing_adjustment_amount ?? null
    const books = lawOfRegister(parts.laws, register)?.closingBooks?.settings
    return {
      kind: 'session.closed',
      set: {
        ...shared,
        closing_adjustment_amount: adjustment,
        closing_adjustment_note: input.closing_adjustment_note ?? null,
        ...(foreign && { foreign_cash: foreign }),
      },
      ...(taken && { own: { foreign: taken } }),
      session: {
        id,
        register: register.id,
        ...salesIn(view, id),
        // Z_NR of the DSFinV-K: one per closed session, assigned in the same commit.
        set: {
          ...shared,
          closing_adjustment_amount: adjustment ?? '0.00',
          state: 'closed',
          closed_at: now,
        },
        own: { z_number: view.nextZNumber(register.id), ...(books !== undefined && { books }) },
      },
      more: pendingChanges(parts.laws, view, id, register, now),
    }
  }
}
