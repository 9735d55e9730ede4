import { during } from '../../../base/lifetime.ts'
import type { Trouble } from '../../devices/usable.ts'
import { registerIdIn } from '../../journal/documents/document.ts'
import { answeredEarly } from '../../journal/progress.ts'
import type { IntentRow } from '../../journal/projections/view.ts'
import type { ActRequest, Outcome, Unknown } from '../../laws/law.ts'
import type { Answer } from '../requests.ts'
import { ActOrder } from './act-order.ts'
import { documentAnswer } from './answers.ts'
import { ignoreRefusal, reconciling } from './refusals.ts'
import type { RequestDeadlinesOptions } from './request-deadlines.ts'
import { RequestDeadlines } from './request-deadlines.ts'
import { RunningRequests } from './running-requests.ts'
import type { PlannedAct, Step } from './workflow.ts'
import { STEP_LIMIT } from './workflow.ts'

export type RecorderOptions = RequestDeadlinesOptions & {
  fault: (point: string) => void
  /** Resolves when an act of that register may continue: few do per turn of the event loop. Optional. */
  turn?: (holder: string) => Promise<void>
  /**
   * Called for every act on a device with its duration, including the queue; `failure` is the code of a device error.
   */
  onAct?: (device: string, act: string, seconds: number, failure: string | undefined) => void
  /** Called when an act waits for another one whose outcome is unknown and is not being queried. */
  onBlocked?: (device: string) => void
  /** Called when the outcome of an act is unknown. */
  onUnknown?: (intent: number, device: string, outcome: Unknown) => void
}

/** The deadline counts from `sinceNs`; `leave` is that of {@link ActOrder.inReceiptOrder}, called with the last outcome. */
type FinishOptions = { sinceNs?: bigint | undefined; leave?: (() => void) | undefined }
/** `asks`: the device may have executed the first act already. */
type RunOptions = FinishOptions & { sinceNs: bigint; asks?: boolean }

const NOT_SIGNED: Trouble = { code: 'not_signed', message: 'The device had not signed when the receipt went out.' }

/**
 * Runs the acts of a request: intent, act, outcome, each journalled before the next. An act continues after its request
 * was answered or its caller has left; what a crash interrupts is found in the journal and reconciled with the device.
 */
export class Recorder {
  readonly deadlines: RequestDeadlines
  readonly running: RunningRequests
  readonly order: ActOrder
  readonly #options: RecorderOptions
  /** A request waits at most half of its deadline for a device that has just fallen silent: the act takes time, too. */
  readonly #deviceWaitNs: bigint
  #isEnding = false

  constructor(options: RecorderOptions) {
    const { journal, lawOfDocument, onBlocked } = options
    this.#options = options
    this.#deviceWaitNs = BigInt(Math.floor(options.deadlineMs / 2)) * 1_000_000n
    this.deadlines = new RequestDeadlines(options)
    this.running = new RunningRequests(journal, this.deadlines)
    const { running } = this
    this.order = new ActOrder({ journal, running, lawOfDocument, askAbout: this.#askAbout.bind(this), onBlocked })
  }

  /**
   * Executes the acts of the begun request and answers it within the deadline, decided or not. Throws the device's
   * refusal.
   */
  async finish(
    { next, document, status }: Step,
    root: number,
    { sinceNs = this.#options.clock.mono(), leave }: FinishOptions = {},
  ): Promise<Answer> {
    if (next === undefined) return { ...documentAnswer(document, status), replayed: false }
    const request = this.#run(next, { sinceNs, leave })
    const isChained = next.law?.order === 'register'
    const answer = await (isChained ? request : this.deadlines.within(request, sinceNs))
    return answer ?? this.deadlines.early(root, sinceNs)
  }

  isRunning(root: number): boolean {
    return this.running.isRunning(root)
  }

  /** True if the act of that intent is running in this process. */
  carries(intent: number): boolean {
    return this.running.actOf(intent) !== undefined
  }

  /** Concludes an open act with an outcome from elsewhere, and continues. Throws `reconciling` while it is running. */
  async concludeAs(row: IntentRow, outcome: Outcome): Promise<void> {
    if (this.carries(row.seq)) throw reconciling(row.op)
    const planned = this.#options.workflow.plannedAct(this.#options.journal.view, row)
    if (planned === undefined) return
    this.running.begin(planned)
    try {
      const { next } = await this.#conclude(planned, outcome)
      if (next !== undefined) await this.#run(next, { sinceNs: this.#options.clock.mono() }).catch(ignoreRefusal)
    } finally {
      this.running.end(planned)
    }
  }

  /** Stops new acts on devices; resolves when every running act has its outcome. */
  async end(): Promise<void> {
    this.#isEnding = true
    await this.running.awaitAll()
  }

  /** One at a time: two lost starts of one client are distinguished by their order. */
  async #askAbout(rows: readonly IntentRow[]): Promise<void> {
    for (const row of rows) {
      const planned = this.#options.workflow.plannedAct(this.#options.journal.view, row)
      if (planned === undefined) continue
      await this.#run(planned, { sinceNs: this.#options.clock.mono(), asks: true }).catch(ignoreRefusal)
    }
  }

  #run(first: PlannedAct, options: RunOptions): Promise<Answer | undefined> {
    const isAlone = first.law?.order === 'device'
    return this.running.track(first, () =>
      isAlone
        ? this.order.exclusively(first.act.device, () => this.#runActs(first, options))
        : this.#runActs(first, options),
    )
  }

  /** Until the goal is reached, or the outcome of an act cannot be known now (undefined: the intent stays open). */
  async #runActs(first: PlannedAct, { sinceNs, leave, asks = false }: RunOptions): Promise<Answer | undefined> {
    const time = { sinceNs: this.#options.clock.mono(), waitUntilNs: sinceNs + this.#deviceWaitNs }
    let planned: PlannedAct | undefined = first
    let answer: Answer | undefined
    for (let steps = 0; planned !== undefined && steps < STEP_LIMIT; steps++) {
      const current: PlannedAct = planned
      if (this.#isEnding) return answer
      if (current !== first) this.running.begin(current)
      try {
        await this.#options.turn?.(registerIdIn(current.document))
        const how = { asks: asks && current === first }
        const outcome = this.order.blockedByOpenPrint(current, how) ?? (await this.#outcomeOf(current, how, time))
        if (outcome.kind === 'unknown') {
          this.#options.onUnknown?.(current.intent, current.act.device, outcome)
          return answer
        }
        const step = await this.#conclude(current, outcome, leave)
        if (step.refusal !== undefined) throw step.refusal
        if (step.next?.root !== current.root)
          answer ??= { ...documentAnswer(step.document, step.status), replayed: false }
        planned = step.next
      } finally {
        this.running.end(current)
      }
    }
    return answer
  }

  /** Executes the act, unless its device reports that it did already. */
  async #outcomeOf(
    { op, act, plan, document, law }: PlannedAct,
    { asks }: { asks: boolean },
    time: Pick<ActRequest, 'sinceNs' | 'waitUntilNs'>,
  ): Promise<Outcome> {
    if (law === undefined)
      return { kind: 'unknown', code: 'unavailable', message: 'No law of this agent knows the document.' }
    const earlierOutcome = asks ? await law.askOutcome(act) : undefined
    if (earlierOutcome !== undefined && earlierOutcome.kind !== 'absent') return earlierOutcome
    // A receipt that was issued as an outage is not signed later; a voided transaction is ended anyway.
    const obstacle = (): Trouble | undefined => {
      const isAnswered = answeredEarly(this.#options.journal.view.progress(op)) !== undefined
      const isLate = isAnswered && law.whenUnknown(document) !== 'answer_and_act_later'
      return isLate && plan.goal !== 'voided' ? NOT_SIGNED : undefined
    }
    const trouble = obstacle()
    if (trouble !== undefined) return { kind: 'failed', ...trouble }
    const { clock, fault, onAct } = this.#options
    fault(`device.before-${act.name}`)
    const began = clock.mono()
    const outcome = await during(
      'act',
      () => ({ name: `${act.device}: ${act.name}` }),
      () => law.perform(earlierOutcome?.next ?? act, { ...time, obstacle }),
    )
    const failure = outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.code : undefined
    onAct?.(act.device, act.name, Number(clock.mono() - began) / 1e9, failure)
    fault(`device.after-${act.name}`)
    return outcome
  }

  #conclude(planned: PlannedAct, outcome: Outcome, leave?: () => void): Promise<Step> {
    return this.#options.journal.commit('outcome', (view, seq) => {
      const step = this.#options.workflow.conclude(view, seq, planned, outcome)
      return { events: step.events, result: step, appended: step.next === undefined ? leave : undefined }
    })
  }
}
