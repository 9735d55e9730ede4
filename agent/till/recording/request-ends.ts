import type { Json } from '../../../base/canonical.ts'
import { FiskalError, hasRetryAfter } from '../../errors.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/document.ts'
import type { KindWithoutFacts } from '../../journal/event-facts.ts'
import type { Marks, NewEvent, Parts, Plan } from '../../journal/events.ts'
import type { Moment, Refusal } from '../../laws/law.ts'

const NO_MEMBERS = {}

type RegisterStatus = DocumentOf<'register'>['shown']['fiscalization_status']
type RefusalKind =
  | 'closing.refused'
  | 'operation.refused'
  | 'register.fiscalize_refused'
  | 'register.decommission_refused'

/** The event that ends a request, by its goal and document. */
export function endOf(goal: Plan['goal'], document: RecordedDocument): KindWithoutFacts {
  if (isOperation(document)) return operationEnd(goal)
  switch (document.kind) {
    case 'register':
      return registerEnd(document.shown.fiscalization_status)
    case 'closing':
      return 'closing.recorded'
    case 'drawer_opening':
      return 'drawer.recorded'
    default:
      return document satisfies never
  }
}

function registerEnd(status: RegisterStatus): KindWithoutFacts {
  switch (status) {
    case 'fiscalized':
    case 'decommissioned':
      return `register.${status}`
    case 'failed':
      return 'register.fiscalize_failed'
    case 'not_fiscalized':
    case 'pending':
      throw new Error(`no request of a register ends as ${status}`)
    default:
      return status satisfies never
  }
}

function operationEnd(goal: Plan['goal']): KindWithoutFacts {
  switch (goal) {
    case 'open':
      return 'operation.started'
    case 'completed':
    case 'voided':
      return `operation.${goal}`
    case 'fiscalized':
    case 'decommissioned':
      throw new Error(`no operation is ${goal}`)
    default:
      return goal satisfies never
  }
}

/** A drawer opening and a closing have no time of their last change. */
export function lastChange({ shown }: RecordedDocument, { at }: Moment): Parts {
  return 'updated_at' in shown ? { set: { updated_at: at } } : {}
}

export function finalParts({ set, own, law, stamp = [], receipt }: Plan, { at, receiptNumber }: Moment): Parts {
  const stamps = Object.fromEntries(stamp.map((member) => [member, at]))
  const numbered = receipt === true ? { ...own, receipt_number: receiptNumber } : own
  return { set: { ...set, ...stamps }, ...(numbered && { own: numbered }), ...(law && { law }) }
}

/** Both changes in one event; for a member in both, the later one. */
export function joined(first: Parts, second: Parts): Parts {
  const own = both(first.own, second.own)
  const law = both(first.law, second.law)
  return { set: both(first.set, second.set) ?? NO_MEMBERS, ...(own && { own }), ...(law && { law }) }
}

function both<Part extends object>(first: Part | undefined, second: Part | undefined): Part | undefined {
  return first === undefined || second === undefined ? (first ?? second) : { ...first, ...second }
}

export function statusOf(goal: Plan['goal']): { status?: string } {
  return goal === 'completed' || goal === 'voided' ? { status: goal } : {}
}

/** The cash that an end brings into the drawer of its session. */
export function cashChange(document: RecordedDocument, plan: Plan, register: string): Marks['session'] {
  const { cash = 0, foreign } = plan
  const id = isOperation(document) ? document.shown.session_id : null
  if (id === null || (cash === 0 && foreign === undefined)) return undefined
  return { ...(cash !== 0 && { cash }), ...(foreign && { foreign }), id, register }
}

/** The document stays as it was, the intent is closed, the key of the request `root` is free again. */
export function refusalEvents(
  document: RecordedDocument,
  plan: Plan,
  { op, root }: { op: string; root: number },
  body: Marks,
  { code, message, details, fiscalEffect }: Refusal,
): NewEvent[] {
  const kind = refusalKindOf(plan, document)
  const facts = { code, message, details: details as Json }
  const release = root
  if (document.kind !== 'void') return [{ kind, op, body: { ...body, set: { ...body.set }, release, facts } }]
  // A reversal that printed a part continues; any other one has ended.
  const fiscal = fiscalEffect === 'recorded' ? {} : { fiscal: { state: 'not_required' } }
  const status = 'voided'
  const set = { ...body.set, status, ...fiscal }
  return [{ kind, op, body: { ...body, set, status, release, facts } }, unmarked(document)]
}

export function refusalError({ code, message, details, fiscalEffect = 'none' }: Refusal): FiskalError {
  return new FiskalError(code, message, details, {
    // A permanent refusal would be repeated: the client is not asked to retry.
    ...(hasRetryAfter(code) && { retryAfterSeconds: 5 }),
    fiscalEffect,
  })
}

function refusalKindOf({ goal }: Plan, { kind }: RecordedDocument): RefusalKind {
  if (kind === 'closing') return 'closing.refused'
  if (kind !== 'register') return 'operation.refused'
  return goal === 'fiscalized' ? 'register.fiscalize_refused' : 'register.decommission_refused'
}

/** The original of a reversal that the device refused may be reversed again; the next try knows of this one. */
function unmarked({ id, shown }: DocumentOf<'void'>): NewEvent {
  const own = { reversal: { state: 'refused' as const, by: id } }
  return { kind: 'operation.reversal_refused', op: shown.related_operation_id, body: { own } }
}
