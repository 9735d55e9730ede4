import type { Json } from '../../../base/canonical.ts'
import { canonicalJson } from '../../../base/canonical.ts'
import { localDate, rfc3339 } from '../../../base/clock.ts'
import type { Closing, CreateClosing } from '../../contract/closing.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import { interimCountOf } from '../../journal/documents/cash-count.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import { madeAs } from '../../journal/documents/document.ts'
import type { MarkEvent, Members, Parts, Plan } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ClosingReport, ClosingReports, ReportType } from '../../laws/closing-reports.ts'
import { transmission } from '../../laws/transmission.ts'
import { refuseOpenOperations } from '../../register/session.ts'
import { newestSession, refuseUnfiscalized, refuseWhileDecommissioning, registerOf } from '../guards.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { hintsOf } from '../reading/came-back.ts'
import type { DecideStep } from '../recording/mutations.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { applyHeldDevice } from '../set-up/moves.ts'
import { leftOverClosing } from './left-over.ts'

/** A closing is final with its receipt, and takes a receipt number. */
export const CLOSING_PLAN: Plan = { goal: 'completed', status: 201, receipt: true }
/** Counts of a session that a report of the day so far names. */
const COUNTS_MAX = 100
/** 27 years of daily reports. */
const CLOSINGS_MAX = 10_000

/** A requested closing: a receipt, or a report if the law has one of that type. */
export async function createClosing(
  parts: TillParts,
  mutation: Mutation,
  input: CreateClosing,
  registerId: string,
): Promise<Answer> {
  const { view } = parts.journal
  const { shown: register } = registerOf(view, mutation, registerId)
  const current = lawOfRegister(parts.laws, register)
  const { type } = input
  if (current?.closingBooks !== undefined && type === 'zero')
    throw new FiskalError('unprocessable_entity', `${current.facts.adjective} law has no zero receipts on request.`, {
      type,
    })
  const reports = current?.closingBooks ?? current?.closings?.reports?.(registerId)
  if (type !== 'zero' && reports?.types.includes(type) === true)
    return createReport(parts, reports, mutation, register, { ...input, type })
  const decide: DecideStep = (view, seq) => {
    const { shown: register } = registerOf(view, mutation, registerId)
    refuseUnfiscalized(register)
    refuseWhileDecommissioning(view, registerId, 'none')
    const law = lawOfRegister(parts.laws, register)
    if (law?.closings?.types.includes(type) !== true)
      throw new FiskalError(
        'unprocessable_entity',
        `${law?.facts.name ?? 'The law of the register'} has no ${type} closing.`,
        { type },
      )
    refuseOtherDay(input, localDate(parts.clock.now(), law.facts.timeZone))
    // The inspector's receipt does not affect a sale.
    if (type !== 'zero') refuseOpenOperations(view.openOperations(registerId).map((operation) => operation.id))
    const { set, law: state } = law.closings.asked(type, view.chainState(registerId))
    const asked = { set: { ...set, ...sent(input) }, law: { name: law.facts.name, ...state } }
    const { event, document } = closingRequest(parts, register, asked)
    parts.recorder.running.admit(register.fiscal_device)
    const body = { ...event.body, ...origin(mutation) }
    return parts.workflow.begin(view, seq, { ...event, body }, document, CLOSING_PLAN)
  }
  const answer = await parts.mutations.run(mutation, decide, {
    chained: parts.recorder.order.chainedRegister(registerId),
  })
  if (mutation.dryRun !== true) await applyHeldDevice(parts, registerId)
  return answer
}

/** A receipt has the date on which it is made. */
function refuseOtherDay({ type, business_date: wanted }: CreateClosing, today: string): void {
  if (wanted === undefined || wanted === today) return
  throw new FiskalError(
    'unprocessable_entity',
    `A ${type} closing is a receipt of today, ${today}: leave business_date out, or send that date.`,
    { pointer: '/business_date', business_date: wanted, today },
  )
}

/** A report over the books of a business date or session. The same content gives the same report. */
async function createReport(
  parts: TillParts,
  reports: ClosingReports,
  mutation: Mutation,
  { id: registerId }: Register,
  input: CreateClosing & { type: ReportType },
): Promise<Answer> {
  const { type, business_date: wanted } = input
  await closeLeftOver(parts, registerId)
  const report = await reports.report(registerId, wanted, type)
  const hints =
    report === undefined ? [] : await hintsOf({ view: parts.journal.view, laws: parts.receiptLaws }, report.sessions)
  return parts.mutations.run(mutation, (view) => {
    const { shown: register } = registerOf(view, mutation, registerId)
    refuseUnfiscalized(register)
    const law = lawOfRegister(parts.laws, register)
    if (report?.interim === undefined) {
      refuseOpenOperations(view.openOperations(registerId).map((operation) => operation.id))
      if (law?.closingBooks !== undefined) refuseInSession(view, registerId)
    }
    if (report === undefined) {
      const details = { register_id: registerId, business_date: wanted ?? null }
      throw new FiskalError('session_invalid_state', 'No session was closed for that business date.', details)
    }
    const { businessDate, numbers, totals, period, lastSeq, law: state } = report
    const named = period !== undefined && { period }
    const interim = report.interim && withCounts(view, register, report.sessions.ids, report.interim)
    const facts = { type, business_date: businessDate, ...named, z_numbers: numbers, interim }
    const members = {
      ...{ ...facts, totals, ...(hints.length > 0 && { hints }) },
      ...{ fiscal: { state: 'not_required' }, ...transmission('not_required') },
    }
    const more = { ...origin(mutation) }
    const before = earlierReport(view, register, { facts, state, lastSeq })
    if (before !== undefined) {
      return singleStep({ kind: 'closing.repeated', op: before.id, body: more }, 201, before)
    }
    const { event } = closingRequest(parts, register, {
      set: { ...members, ...sent(input) },
      ...(law !== undefined && state !== undefined && { law: { name: law.facts.name, ...state } }),
    })
    return singleStep({ ...event, kind: 'closing.report_made', body: { ...event.body, ...more } }, 201)
  })
}

/** The day so far, with the counts of its open session. */
function withCounts(
  view: View,
  { merchant_id: merchant }: Register,
  [session]: ClosingReport['sessions']['ids'],
  interim: NonNullable<Closing['interim']>,
): NonNullable<Closing['interim']> {
  const filter = { merchant, session, type: 'session_cash_count' }
  const rows = session === undefined ? [] : view.operations(filter, 0, COUNTS_MAX)
  const counts = rows.flatMap(({ id }) => interimCountOf(view.operation(id)) ?? [])
  return counts.length === 0 ? interim : { ...interim, cash_counts: counts }
}

/** The client's own members. */
function sent({ metadata }: CreateClosing): Members {
  return metadata === undefined ? {} : { metadata: metadata as Json }
}

function refuseInSession(view: View, registerId: string): void {
  const session = newestSession(view, registerId)
  if (session === undefined || session.state === 'closed') return
  throw new FiskalError('session_invalid_state', `Session ${session.id} of register ${registerId} is not closed.`, {
    register_id: registerId,
    session_id: session.id,
    state: session.state,
  })
}

/** Bons outside any session get a separate closing, so that a report over a day without other bons has one. */
async function closeLeftOver(parts: TillParts, registerId: string): Promise<void> {
  await parts.journal.commit('intent', (view) => {
    const register = view.register(registerId)?.shown
    const event = register && leftOverClosing(parts, view, lawOfRegister(parts.laws, register), register)
    return { events: event === undefined ? [] : [event], result: undefined }
  })
}

/** Looks only at reports that are newer than the closings: years of reports are not read. */
function earlierReport(
  view: View,
  register: Register,
  { facts, state = {}, lastSeq }: { facts: Members; state: Members | undefined; lastSeq: number },
): DocumentOf<'closing'> | undefined {
  const filter = { merchant: register.merchant_id, register: register.id }
  return view
    .resources('closing', filter, lastSeq, CLOSINGS_MAX)
    .map((row) => view.closing(row.id))
    .find((closing) => closing !== undefined && has(closing.parts.shown, facts) && has(closing.parts.law, state))
}

function has(part: Members, members: Members): boolean {
  return Object.entries(members).every(
    ([name, value]) => canonicalJson(part[name] ?? null) === canonicalJson(value ?? null),
  )
}

/** The document of a closing before its receipt is made, and the event that begins it. */
export function closingRequest(
  { newId, clock }: Pick<TillParts, 'newId' | 'clock'>,
  register: Register,
  { set: more, law }: Pick<Parts, 'set' | 'law'>,
): { event: MarkEvent; document: DocumentOf<'closing'> } {
  const id = newId('cls')
  const { id: registerId, merchant_id: merchant } = register
  const set: Members = {
    id,
    merchant_id: merchant,
    register_id: registerId,
    business_date: null,
    document_number: null,
    z_numbers: [],
    totals: null,
    fiscal: { state: 'pending' },
    fiscal_information: null,
    created_at: rfc3339(clock.now()),
    ...more,
  }
  const index = { kind: 'closing' as const, merchant, register: registerId }
  const event: MarkEvent = { kind: 'closing.requested', op: id, body: { index, set, ...(law && { law }) } }
  return { event, document: madeAs(event, 'closing') }
}
