import type { Clock } from '../../drivers/ports/clock.ts'
import { rfc3339 } from '../clock.ts'
import { FiskalError } from '../errors.ts'
import type { Act, EventBody, Members, NewEvent, Plan } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { IntentRow, View } from '../journal/projections/view.ts'
import type { Outcome, Regime } from '../regimes/regime.ts'
import { documentAnswer } from './document.ts'
import { answerAt } from './ledger.ts'
import type { Answer } from './requests.ts'

export type RecorderOptions = {
  journal: Journal
  clock: Clock
  deadlineMs: number
  /** The law that a document stands under. */
  regimeOf: (document: Members) => Regime | undefined
  deviceUsable: (device: string) => boolean
  fault: (point: string) => void
}

/** An act that stands in the journal and is to be done. */
type Course = { root: number; op: string; intent: number; act: Act; plan: Plan }
/** What a commit left to do: another act, or nothing. */
export type Step = { events: NewEvent[]; course: Course | undefined; document: Members; status: number }

/** Acts that one request may need: start, finish, and one of each again after an outage. */
const STEP_LIMIT = 6
/** Requests that may wait for one device. */
const WAITING_LIMIT = 64

/**
 * Carries documents to their goal: intent → act → outcome, each in the journal before the next. An act goes on when its
 * request has been answered or is gone; what a crash interrupts is found in the journal and settled by asking the device.
 */
export class Recorder {
  private readonly options: RecorderOptions
  /** Requests being carried, by root event; resolves when nothing more can be done now. */
  private readonly running = new Map<number, Promise<Answer | undefined>>()
  private readonly active = new Set<number>()
  /** Acts planned and not concluded, by device. */
  private readonly waiting = new Map<string, number>()

  constructor(options: RecorderOptions) {
    this.options = options
  }

  /**
   * The first event of a request and what follows from it at once: an act to do, or, where none is needed or the
   * device is known to be down, the end. To be called inside a commit; `seq` is the event's own.
   */
  begin(view: View, seq: number, event: NewEvent, document: Members, plan: Plan): Step {
    const step = this.advance(view, document, plan, { root: seq, seq, op: event.op })
    const [first, ...more] = step.events
    const { answer, ...body } = first?.body ?? {}
    const own = answer === undefined ? {} : { answer: { status: answer.status } }
    const set = { ...event.body.set, ...body.set }
    const merged: NewEvent = { ...event, body: { ...event.body, ...body, ...own, set, plan } }
    return { ...step, events: [merged, ...more] }
  }

  /** Does what the begun request needs and answers it within the deadline, decided or not. */
  async finish(step: Step, root: number): Promise<Answer> {
    if (step.course === undefined) return { ...documentAnswer(step.document, step.status), replayed: false }
    return (await this.withinDeadline(this.start(step.course))) ?? this.undecided(root)
  }

  /** Waits for a running request, up to the deadline; undefined when it is not decided by then. */
  async decided(root: number): Promise<Answer | undefined> {
    const running = this.running.get(root)
    const answer = running && (await this.withinDeadline(running))
    if (answer !== undefined) return answer
    const claim = this.answerOf(root)
    return claim === undefined ? undefined : answerAt(this.options.journal.view, claim)
  }

  usable(device: string): boolean {
    return this.options.deviceUsable(device)
  }

  /** Called inside a commit before an act is planned: throws `fiscal_device_busy` when too many wait already. */
  admit(device: string): void {
    const waiting = this.waiting.get(device) ?? 0
    if (waiting < WAITING_LIMIT) return
    throw new FiskalError(
      'fiscal_device_busy',
      `${waiting} acts wait for device ${device}.`,
      { device_id: device, waiting },
      { retryAfterSeconds: 1 },
    )
  }

  isRunning(root: number): boolean {
    return this.running.has(root)
  }

  /** True while the act of that intent is under way in this process. */
  carries(intent: number): boolean {
    return this.active.has(intent)
  }

  /** Waits until no act of the operation is running (or the deadline is over). */
  async quiet(op: string): Promise<void> {
    const roots = this.options.journal.view.openIntentsOf(op).flatMap((row) => this.rootOf(row.seq) ?? [])
    await Promise.all(roots.map((root) => this.decided(root)))
  }

  /** Open intents of a device (or of all) that nobody carries now: asks the device, acts where it did nothing. */
  async reconcile(device?: string): Promise<void> {
    const waiting = this.options.journal.view
      .openIntents()
      .filter((row) => row.op !== '' && row.device === device && !this.active.has(row.seq))
    // One after the other: two lost starts of one client are told apart by their order.
    for (const row of waiting) {
      const course = this.courseOf(row)
      if (course === undefined) continue
      this.hold(row.device, 1)
      await this.start(course, true)
    }
  }

  private hold(device: string, acts: 1 | -1): void {
    this.waiting.set(device, (this.waiting.get(device) ?? 0) + acts)
  }

  private start(course: Course, ask = false): Promise<Answer | undefined> {
    const carried = this.carry(course, ask).finally(() => {
      if (this.running.get(course.root) === carried) this.running.delete(course.root)
    })
    this.running.set(course.root, carried)
    return carried
  }

  /** Until the goal is reached, or the outcome of an act cannot be known now (undefined: the intent stays open). */
  private async carry(first: Course, ask: boolean): Promise<Answer | undefined> {
    let course: Course | undefined = first
    let mustAsk = ask
    let answer: Answer | undefined
    for (let steps = 0; course !== undefined && steps < STEP_LIMIT; steps++) {
      const current: Course = course
      this.active.add(current.intent)
      try {
        const outcome = await this.act(current, mustAsk)
        if (outcome === undefined) return answer
        const step = await this.conclude(current, outcome)
        if (step.course?.root !== current.root)
          answer ??= { ...documentAnswer(step.document, step.status), replayed: false }
        course = step.course
      } finally {
        this.hold(current.act.device, -1)
        this.active.delete(current.intent)
      }
      mustAsk = false
    }
    return answer
  }

  private async act({ op, act }: Course, ask: boolean): Promise<Outcome | undefined> {
    const document = this.options.journal.view.document(op)
    const regime = document && this.options.regimeOf(document)
    if (regime === undefined) return undefined
    let outcome: Outcome = ask ? await regime.settle(act) : { kind: 'absent' }
    if (outcome.kind === 'absent') {
      this.options.fault(`device.before-${act.name}`)
      outcome = await regime.perform(act)
      this.options.fault(`device.after-${act.name}`)
    }
    return outcome.kind === 'unknown' ? undefined : outcome
  }

  private conclude(course: Course, outcome: Outcome): Promise<Step> {
    return this.options.journal.commit('outcome', (view, seq) => {
      const document = view.document(course.op) ?? {}
      const { root, op, plan } = course
      const step = this.advance(view, document, plan, { root, seq, op }, { course, outcome })
      return { events: step.events, result: step }
    })
  }

  /** Pure but for the view: what the outcome means, and how far the document gets without another act. */
  private advance(
    view: View,
    document: Members,
    plan: Plan,
    at: { root: number; seq: number; op: string },
    done?: { course: Course; outcome: Outcome },
  ): Step {
    const regime = this.options.regimeOf(document)
    const now = rfc3339(this.options.clock.now())
    const receiptNumber = Number(document['$receipt'] ?? view.nextReceiptNumber(String(document['register_id'])))
    const facts = registerFacts(document, view)
    const moment = { at: now, receiptNumber, goal: plan.goal }
    let set: Record<string, Members[string]> = {}
    let marks: Pick<EventBody, 'transaction' | 'enrolled'> = {}
    let current: Members = { ...document, ...plan.set }
    const apply = (act: Act, outcome: Outcome): void => {
      const conclusion = regime?.conclude(current, act, outcome, moment)
      set = { ...set, ...conclusion?.set }
      current = { ...current, ...conclusion?.set }
      if (conclusion?.transaction !== undefined) marks = { ...marks, transaction: conclusion.transaction }
      if (conclusion?.enrolled !== undefined) marks = { ...marks, enrolled: conclusion.enrolled }
    }
    if (done !== undefined) apply(done.course.act, done.outcome)
    const common = (): EventBody => ({
      ...(done !== undefined && { ref: done.course.intent }),
      ...(at.root !== at.seq && { root: at.root }),
      ...marks,
    })
    for (let steps = 0; regime?.records(current) === true && steps < STEP_LIMIT; steps++) {
      const act = regime.next(current, facts, plan.goal)
      if (act === undefined) break
      if (this.options.deviceUsable(act.device)) {
        this.hold(act.device, 1)
        const event = { kind: 'document.act_intended', op: at.op, body: { ...common(), set, act } }
        return {
          events: [event],
          course: { root: at.root, op: at.op, intent: at.seq, act, plan },
          document: { ...document, ...set },
          status: plan.status,
        }
      }
      apply(act, { kind: 'failed', code: 'unavailable', message: 'The fiscal device is out.' })
    }
    return this.end(view, { ...document, ...set }, plan, at, { ...common(), set }, { now, receiptNumber })
  }

  /** The goal is reached: final members, receipt number, cash, answer; and what waited for this end goes on. */
  private end(
    view: View,
    document: Members,
    plan: Plan,
    at: { root: number; seq: number; op: string },
    body: EventBody,
    facts: { now: string; receiptNumber: number },
  ): Step {
    const already = document['$undecided'] === at.root
    const final = already ? { $undecided: null, updated_at: facts.now } : finalMembers(plan, facts)
    const register = String(document['register_id'])
    const takesCash = !already && plan.cash !== undefined && plan.cash !== 0
    const event: NewEvent = {
      kind: already ? 'operation.settled' : endOf(plan.goal, document),
      op: at.op,
      body: {
        ...body,
        set: { ...body.set, ...final },
        answer: { status: plan.status, to: at.root },
        ...(!already && plan.receipt === true && { receipt: { register, number: facts.receiptNumber } }),
        ...(!already && statusOf(plan.goal)),
        ...(takesCash && { session: { id: String(document['session_id']), register, cash: plan.cash ?? 0 } }),
      },
    }
    const ended = { ...document, ...final }
    const awaiting = document['$awaiting']
    if (typeof awaiting !== 'number' || awaiting === at.root)
      return { events: [event], course: undefined, document: ended, status: plan.status }
    const next = this.advance(view, { ...ended, $awaiting: null }, this.planOf(awaiting), {
      root: awaiting,
      seq: at.seq + 1,
      op: at.op,
    })
    return { events: [event, ...next.events], course: next.course, document: ended, status: plan.status }
  }

  /** The deadline is over or the device cannot be asked: the law says what the till is told meanwhile. */
  undecided(root: number): Promise<Answer> {
    return this.options.journal.commit('outcome', (view, seq) => {
      const answered = this.answerOf(root)
      if (answered !== undefined) return { events: [], result: answerAt(view, answered) }
      const event = view.event(root)
      const op = event?.op ?? ''
      const document = view.document(op) ?? {}
      const plan = this.planOf(root)
      const status = plan.status
      if (plan.goal === 'decommissioned') {
        throw new FiskalError(
          'reconciling',
          'The device has not told yet whether the register is retired.',
          {},
          { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
        )
      }
      if (plan.goal === 'open' || plan.goal === 'fiscalized' || document['$undecided'] === root) {
        return { events: [], result: { ...documentAnswer(document, status), replayed: false, fiscalEffect: 'unknown' } }
      }
      const events = [this.undecidedEvent(view, op, document, plan, root, seq)]
      const shown = { ...document, ...events[0]?.body.set }
      return { events, result: { ...documentAnswer(shown, status), replayed: false, fiscalEffect: 'unknown' } }
    })
  }

  private undecidedEvent(view: View, op: string, document: Members, plan: Plan, root: number, seq: number): NewEvent {
    const register = String(document['register_id'])
    const receiptNumber = view.nextReceiptNumber(register)
    const final = finalMembers(plan, { now: rfc3339(this.options.clock.now()), receiptNumber })
    const cash = plan.cash ?? 0
    return {
      kind: `operation.${plan.goal}`,
      op,
      body: {
        ...(root !== seq && { root }),
        set: { ...final, ...this.options.regimeOf(document)?.pending(document), $undecided: root },
        ...(plan.receipt === true && { receipt: { register, number: receiptNumber } }),
        ...statusOf(plan.goal),
        ...(cash !== 0 && { session: { id: String(document['session_id']), register, cash } }),
      },
    }
  }

  /**
   * A completion or void of an operation whose start is still unknown: it counts now, and goes on when the start is
   * settled. To be called inside a commit.
   */
  beginAwaiting(view: View, seq: number, event: NewEvent, document: Members, plan: Plan): Step {
    const pending = this.undecidedEvent(view, event.op, document, plan, seq, seq)
    const set = { ...pending.body.set, $awaiting: seq }
    const merged: NewEvent = { ...event, kind: pending.kind, body: { ...event.body, ...pending.body, set, plan } }
    return { events: [merged], course: undefined, document: { ...document, ...set }, status: plan.status }
  }

  private courseOf(row: IntentRow): Course | undefined {
    const event = this.options.journal.view.event(row.seq)
    const body = event && bodyOf(event)
    if (event === undefined || body?.act === undefined) return undefined
    const root = body.root ?? row.seq
    return { root, op: event.op, intent: row.seq, act: body.act, plan: this.planOf(root) }
  }

  private rootOf(intent: number): number | undefined {
    const event = this.options.journal.view.event(intent)
    return event && (bodyOf(event).root ?? intent)
  }

  private planOf(root: number): Plan {
    const event = this.options.journal.view.event(root)
    const plan = event && bodyOf(event).plan
    if (plan === undefined) throw new Error(`event ${root} holds no plan`)
    return plan
  }

  /** The event that answered a root: the last of its operation with that answer. */
  private answerOf(root: number): number | undefined {
    const { view } = this.options.journal
    const op = view.event(root)?.op
    if (op === undefined) return undefined
    return view.eventsOf(op).find((event) => {
      const { answer } = bodyOf(event)
      return answer !== undefined && (answer.to ?? event.seq) === root
    })?.seq
  }

  private withinDeadline<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = this.options.clock.after(this.options.deadlineMs, () => resolve(undefined))
      promise.then(resolve, reject).finally(cancel)
    })
  }
}

function registerFacts(document: Members, view: View): { device: string; clientId: string } {
  const id = String(document['register_id'] ?? document['id'])
  const register = document['register_id'] === undefined ? document : (view.document(id) ?? {})
  const { client_id: clientId } = (register['fiscalization'] ?? {}) as { client_id?: string }
  return { device: String(register['fiscal_device']), clientId: clientId ?? '' }
}

function finalMembers(plan: Plan, facts: { now: string; receiptNumber: number }): Members {
  const stamps = Object.fromEntries((plan.stamp ?? []).map((member) => [member, facts.now]))
  return { ...plan.set, ...stamps, ...(plan.receipt === true && { $receipt: facts.receiptNumber }) }
}

function statusOf(goal: Plan['goal']): { status?: string } {
  return goal === 'completed' || goal === 'voided' ? { status: goal } : {}
}

/** The event that ends a request: what became of the operation or register. */
function endOf(goal: Plan['goal'], document: Members): string {
  if (goal === 'fiscalized' || goal === 'decommissioned') return `register.${document['fiscalization_status']}`
  return goal === 'open' ? 'operation.started' : `operation.${goal}`
}
