import type { Clock } from '../../../base/clock.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { NewId } from '../../../base/ids.ts'
import { CLOCK_SUSPECT } from '../../devices/error-verdict.ts'
import type { Trouble } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import type { Document, RecordedDocument, StepEvent } from '../../journal/documents/document.ts'
import { isRecorded, registerIdIn } from '../../journal/documents/document.ts'
import type { KindWithoutFacts } from '../../journal/event-facts.ts'
import type { Act, MarkEvent, Marks, Members, NewEvent, Parts, Plan } from '../../journal/events.ts'
import { withMarks } from '../../journal/events.ts'
import type { Progress } from '../../journal/progress.ts'
import { answeredEarly, IDLE } from '../../journal/progress.ts'
import type { IntentRow, View } from '../../journal/projections/view.ts'
import type { LawRules, Moment, Outcome, Refusal } from '../../laws/law.ts'
import { Draft } from './draft.ts'
import {
  cashChange,
  endOf,
  finalParts,
  joined,
  lastChange,
  refusalError,
  refusalEvents,
  statusOf,
} from './request-ends.ts'

export type WorkflowOptions = {
  clock: Clock
  newId: NewId
  /** The law of a document. */
  lawOfDocument: (document: RecordedDocument) => LawRules | undefined
  /** The reason why a device may not be used now; undefined if it may. */
  troubleOf: (device: string) => Trouble | undefined
}

/** An act that is journalled and waits to be executed. */
export type PlannedAct = {
  root: number
  op: string
  intent: number
  act: Act
  plan: Plan
  /** As it was when the act was planned: its kind, register and law stay. */
  document: RecordedDocument
  /** Undefined if this agent does not have the law of the document. */
  law: LawRules | undefined
}

/** The events that a commit appends, and the act that follows, if any. */
export type Step = {
  events: StepEvent[]
  next: PlannedAct | undefined
  document: Document
  status: number
  /** The request fails after all: its device refused. */
  refusal?: FiskalError
}

/**
 * The position of a step in the journal: the request's first event, this event, its resource. `opening`: the first event,
 * if the step writes into it.
 */
type Place = { root: number; seq: number; op: string; progress: Progress; opening?: NewEvent }
type Done = { planned: PlannedAct; outcome: Outcome }
/** Acts that one request may need: start and finish, special receipts that are due, one try for each unit. */
export const STEP_LIMIT = 64

/**
 * Advances a document to its goal, one commit at a time and called inside it: it decides, appends nothing and calls no
 * device.
 *
 * Each request has a root, its first event, with the plan; intents, acts and outcomes follow, as many as the law needs.
 * Its progress (journal/progress.ts) records the exceptions:
 * - `undecided`: the request was answered before its device reported the outcome. The document counts; the end that
 *   comes later reconciles it (`operation.reconciled`) and takes no further receipt number or cash.
 * - `awaiting`: a completion or void arrived while the outcome of the start was unknown. It was answered as undecided,
 *   and continues as soon as the start has ended.
 */
export class Workflow {
  readonly #options: WorkflowOptions

  constructor(options: WorkflowOptions) {
    this.#options = options
  }

  /**
   * The first event of a request and its direct consequence: an act to execute, or the end if none is needed or the
   * device is known to be down. `seq` is the event's own. Throws FiskalError if the law refuses.
   */
  begin(view: View, seq: number, event: NewEvent, document: RecordedDocument, plan: Plan): Step {
    const step = this.#advance(view, document, plan, { root: seq, seq, op: event.op, progress: IDLE, opening: event })
    if (step.refusal !== undefined) throw step.refusal
    return step
  }

  /**
   * A completion or void of an operation whose start is still unknown: it counts now, as an outage, and continues when
   * the start is reconciled.
   */
  beginAwaiting(view: View, seq: number, event: MarkEvent, document: RecordedDocument, plan: Plan): Step {
    const pending = this.endEarly(view, document, plan, { root: seq, seq, op: event.op })
    const kept = remaining(plan, pending.body)
    const merged: MarkEvent = { ...event, kind: pending.kind, body: { ...event.body, ...pending.body, plan: kept } }
    return { events: [merged], next: undefined, document: document.with(pending.body), status: plan.status }
  }

  /** The consequences of an act's outcome, as far as the document advances without another act. */
  conclude(view: View, seq: number, planned: PlannedAct, outcome: Outcome): Step {
    const document = recordedDocument(view, planned.op)
    const place = { root: planned.root, seq, op: planned.op, progress: view.progress(planned.op) }
    return this.#advance(view, document, planned.plan, place, { planned, outcome })
  }

  /** The document counts although its outcome is unknown: the till is answered now, and the outcome follows. */
  endEarly(view: View, document: RecordedDocument, plan: Plan, { root, seq, op }: Omit<Place, 'progress'>): MarkEvent {
    const moment = this.#momentOf(view, document, plan, IDLE)
    const register = moment.registerId
    const session = cashChange(document, plan, register)
    return {
      kind: endOf(plan.goal, document),
      op,
      body: {
        ...(root !== seq && { root }),
        ...joined(finalParts(plan, moment), this.#options.lawOfDocument(document)?.pending(document) ?? {}),
        ...(plan.receipt === true && { receipt: { number: moment.receiptNumber, register } }),
        ...statusOf(plan.goal),
        ...(session !== undefined && { session }),
      },
    }
  }

  /** The act of an open intent; undefined if its event holds none, or if its outcome is recorded by now. */
  plannedAct(view: View, { seq, op }: IntentRow): PlannedAct | undefined {
    const { act, root = seq } = view.bodyAt(seq)
    const isOpen = view.openIntentsOf(op).some((open) => open.seq === seq)
    if (act === undefined || !isOpen) return undefined
    const document = recordedDocument(view, op)
    const law = this.#options.lawOfDocument(document)
    return { root, op, intent: seq, act, plan: planOf(view, root), document, law }
  }

  /** Advances the document without calling the device: to the next intent, the end, or a refusal. */
  #advance(view: View, document: RecordedDocument, plan: Plan, at: Place, done?: Done): Step {
    const law = this.#options.lawOfDocument(document)
    const draft = new Draft(view, document, plan, this.#momentOf(view, document, plan, at.progress))
    if (done !== undefined && law !== undefined)
      draft.take(law.conclude(draft.current, done.planned.act, done.outcome, draft.moment))
    const act = law && this.#nextAct(law, document, plan, draft, { at, hasActed: done !== undefined })
    const settled = act === undefined && draft.verdict === undefined && law?.settled?.(draft.current, draft.moment)
    if (settled) draft.take(settled)
    const body: Marks = {
      ...(done !== undefined && { ref: done.planned.intent }),
      ...(at.root !== at.seq && { root: at.root }),
      ...draft.marks,
    }
    let step: Step
    if (act !== undefined) step = intended(draft, law, plan, at, body, act)
    else if (typeof draft.verdict === 'object')
      step = refusedStep(document, plan, at, { ...body, ...draft.change }, draft.verdict)
    else step = this.#end(view, draft, plan, at, body)
    return draft.furtherEvents.length === 0 ? step : { ...step, events: [...step.events, ...draft.furtherEvents] }
  }

  /** The next act to execute; acts on a device that may not be used now are concluded as failed at once. */
  #nextAct(
    law: LawRules,
    document: RecordedDocument,
    plan: Plan,
    draft: Draft,
    { at, hasActed }: { at: Place; hasActed: boolean },
  ): Act | undefined {
    for (let steps = 0; steps < STEP_LIMIT && draft.verdict === undefined; steps++) {
      if (!law.records(draft.current, plan.goal)) return undefined
      let act: Act | undefined
      try {
        act = law.next(draft.current, draft.moment)
      } catch (error) {
        // After an act that was done a refusal of the next one ends the request: the act stays in the journal.
        if (!hasActed || !(error instanceof FiskalError)) throw error
        const { code, message, details, fiscalEffect } = error
        draft.verdict = { code, message, details: details as Members, fiscalEffect }
      }
      if (act === undefined) return undefined
      const trouble = this.#obstacle(law, document, act, plan, at)
      if (trouble === undefined) return act
      const failed = { kind: 'failed' as const, ...trouble }
      draft.take(law.conclude(draft.current, act, failed, draft.moment))
    }
    return undefined
  }

  /** A bon that was issued as an outage is never signed later (AEAO to § 146a); a device that is down is not tried. */
  #obstacle(law: LawRules, document: RecordedDocument, act: Act, plan: Plan, { progress }: Place): Trouble | undefined {
    // It is planned anyway, and executed when the device is back.
    if (law.whenUnknown(document) === 'answer_and_act_later') return undefined
    if (plan.goal === 'completed' && answeredEarly(progress) !== undefined) {
      return { code: 'not_signed', message: 'The receipt went out without a signature and is not signed later.' }
    }
    // A law that signs in software finds out itself whether its key exists.
    if (law.facts.deviceKinds.length === 0) return undefined
    const trouble = this.#options.troubleOf(act.device)
    // A register whose TSE only has no valid time is not refused: it waits for that.
    return trouble?.code === CLOCK_SUSPECT && plan.goal === 'fiscalized' ? undefined : trouble
  }

  /** The goal is reached: final members, receipt number, cash, answer; operations that wait for this end continue. */
  #end(view: View, draft: Draft, plan: Plan, at: Place, body: Marks): Step {
    const early = answeredEarly(at.progress)
    const isAnswered = early?.root === at.root
    const { current, moment } = draft
    const numbered = draft.isLeftOut ? { ...plan, receipt: false } : plan
    const { parts, after } = draft.reached(isAnswered ? lastChange(current, moment) : finalParts(numbered, moment))
    const register = moment.registerId
    const session = isAnswered ? undefined : cashChange(after, plan, register)
    const ending: Marks = {
      ...body,
      ...parts,
      answer: { status: plan.status, ...(at.opening === undefined && { to: at.root }) },
      ...(!isAnswered && numbered.receipt === true && { receipt: { number: moment.receiptNumber, register } }),
      ...(!isAnswered && after.kind !== 'closing' && statusOf(plan.goal)),
      ...(session !== undefined && { session }),
    }
    const kind = isAnswered ? 'operation.reconciled' : endOf(plan.goal, after)
    const event = eventOf(kind, plan, at, ending, after)
    const { status } = plan
    if (early === undefined || isAnswered) return { events: [event], next: undefined, document: after, status }
    const progress: Progress = { at: 'undecided', request: early }
    const later = this.#advance(view, after, early.plan, { root: early.root, seq: at.seq + 1, op: at.op, progress })
    return { events: [event, ...later.events], next: later.next, document: after, status }
  }

  #momentOf(view: View, document: RecordedDocument, plan: Plan, progress: Progress): Moment {
    const registerId = registerIdIn(document)
    const register = document.kind === 'register' ? document : view.register(registerId)
    return {
      at: rfc3339(this.#options.clock.now()),
      receiptNumber: receiptNumberOf(document) ?? view.nextReceiptNumber(registerId),
      goal: plan.goal,
      isAnswered: answeredEarly(progress) !== undefined,
      device: register?.shown.fiscal_device ?? '',
      clientId: register?.shown.fiscalization?.client_id ?? '',
      registerId,
      merchantId: document.shown.merchant_id,
      chain: view.chainState(registerId),
      newId: this.#options.newId,
    }
  }
}

/**
 * The plan of an event that ends its request at once: goods that it sets are not repeated, since twice they could be too
 * long for one event.
 */
function remaining(plan: Plan, { set }: Parts): Plan {
  if (plan.set?.['line_items'] === undefined || set?.['line_items'] === undefined) return plan
  const { set: _set, ...others } = plan
  return others
}

/** The plan of a request, as its first event has it. */
export function planOf(view: View, root: number): Plan {
  const { plan } = view.bodyAt(root)
  if (plan === undefined) throw new Error(`event ${root} holds no plan`)
  return plan
}

/** The event of a step: it writes into the one that opens its request, or makes its own. */
function eventOf(
  kind: KindWithoutFacts,
  plan: Plan,
  { op, opening }: Place,
  body: Marks,
  after: RecordedDocument,
): StepEvent {
  if (opening === undefined) return { kind, op, body, after }
  const parts = joined(opening.body, body)
  return { ...withMarks(opening, { ...body, ...parts, plan: remaining(plan, parts) }), after }
}

/** An act is journalled before it is executed. */
function intended(draft: Draft, law: LawRules | undefined, plan: Plan, at: Place, body: Marks, act: Act): Step {
  const { parts, after: document } = draft.reached({})
  const event = eventOf('act.intended', plan, at, { ...body, ...parts, act }, document)
  const planned = { root: at.root, op: at.op, intent: at.seq, act, plan, document, law }
  return { events: [event], next: planned, document, status: plan.status }
}

/** The request fails: its device refused. */
function refusedStep(document: RecordedDocument, plan: Plan, at: Place, body: Marks, refusal: Refusal): Step {
  const events = refusalEvents(document, plan, at, body, refusal)
  return { events, next: undefined, document, status: plan.status, refusal: refusalError(refusal) }
}

/** The document that a request is about. */
export function recordedDocument(view: View, op: string): RecordedDocument {
  const document = view.document(op)
  if (document === undefined || !isRecorded(document)) throw new Error(`no law records ${op}`)
  return document
}

function receiptNumberOf(document: RecordedDocument): number | undefined {
  return document.kind === 'register' ? undefined : document.own.receipt_number
}
