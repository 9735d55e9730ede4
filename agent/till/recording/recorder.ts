import { TransientMap } from '../../../base/transient-map.ts'
import type { Trouble } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import type { Document, RecordedDocument } from '../../journal/documents/document.ts'
import { isRecorded, registerIdIn } from '../../journal/documents/kinds.ts'
import { registerIdOf } from '../../journal/documents.ts'
import type { Act } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import { answeredEarly } from '../../journal/progress.ts'
import type { IntentRow } from '../../journal/projections/view.ts'
import type { ActRequest, LawRules, Outcome, Unknown } from '../../laws/law.ts'
import type { Answer } from '../requests.ts'
import { documentAnswer } from './document.ts'
import { answerAt, answerOf } from './idempotency.ts'
import { Mutexes } from './mutexes.ts'
import type { ActWatch } from './performed.ts'
import { NO_LAW, NOT_SIGNED, performed } from './performed.ts'
import { ignoreRefusal, reconciling } from './refusals.ts'
import { RequestDeadlines } from './request-deadlines.ts'
import type { PlannedAct, Step, Workflow } from './workflow.ts'
import { planOf, recordedDocument } from './workflow.ts'

export type RecorderOptions = ActWatch & {
  journal: Journal
  workflow: Workflow
  deadlineMs: number
  /** The law of a document. */
  lawOfDocument: (document: RecordedDocument) => LawRules | undefined
  fault: (point: string) => void
  /** Resolves when an act of that register may continue: few do per turn of the event loop. Optional. */
  turn?: (holder: string) => Promise<void>
  /** Called when an act waits for another one whose outcome is unknown and is not being queried. */
  onDoubt?: (device: string) => void
  /** Called when the outcome of an act is unknown. */
  onUnknown?: (intent: number, device: string, outcome: Unknown) => void
}

/** Acts that one request may need: start and finish, special receipts that are due, one try for each unit. */
const STEP_LIMIT = 64
/** Requests that may wait for one device. */
const WAITING_LIMIT = 64

/**
 * Runs the acts of a request: intent, act, outcome, each journalled before the next. An act continues after its request
 * was answered or its caller has left; what a crash interrupts is found in the journal and reconciled with the device.
 */
export class Recorder {
  readonly deadlines: RequestDeadlines
  readonly #options: RecorderOptions
  /** Running requests, by root event; resolves when nothing more can be done now. */
  readonly #running = new TransientMap<number, Promise<Answer | undefined>>()
  /** Running acts, by intent. */
  readonly #active = new TransientMap<number, Act>()
  /** For laws that chain receipts: a register's receipts one at a time, from the plan to the conclusion. */
  readonly #receipts = new Mutexes()
  /** For laws whose device is the fiscal memory: its documents one at a time, from the read to the print. */
  readonly #devices = new Mutexes(2 * WAITING_LIMIT)
  /** Number of running requests, by the device they began with. */
  readonly #waiting = new Map<string, number>()
  #isEnding = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.deadlines = new RequestDeadlines(options)
  }

  /**
   * Executes the acts of the begun request and answers it within the deadline, decided or not. Throws the device's
   * refusal. `leave` is that of {@link inReceiptOrder}, called with the last outcome; the deadline counts from `sinceNs`.
   */
  async finish(step: Step, root: number, leave?: () => void, sinceNs = this.#options.clock.mono()): Promise<Answer> {
    const { next, document, status } = step
    if (next === undefined) return { ...documentAnswer(document, status), replayed: false }
    const carried = this.#start(next, false, leave, sinceNs)
    const isChained = next.law?.order === 'register'
    const decided = await (isChained ? carried : this.deadlines.within(carried, sinceNs))
    return decided ?? this.deadlines.early(root, sinceNs)
  }

  /** Waits for a running request, up to the deadline; undefined if it is not decided by then. */
  async decided(root: number, sinceNs = this.#options.clock.mono()): Promise<Answer | undefined> {
    const running = this.#running.get(root)
    const answer = running && (await this.deadlines.within(running, sinceNs))
    if (answer !== undefined) return answer
    const answeredAt = answerOf(this.#options.journal.view, root)
    return answeredAt === undefined ? undefined : answerAt(this.#options.journal.view, answeredAt)
  }

  /** Queries a device between two documents of its fiscal memory. Throws `fiscal_device_busy` if too many wait. */
  exclusively<T>(device: string, work: () => Promise<T>): Promise<T> {
    return this.#devices.run(device, work)
  }

  /**
   * Called inside a commit before an act is planned: throws `fiscal_device_busy` if too many wait before this group.
   */
  admit(device: string | null): void {
    if (device === null) return
    const waiting = this.#waiting.get(device) ?? 0
    if (waiting < WAITING_LIMIT) return
    throw new FiskalError(
      'fiscal_device_busy',
      `${waiting} requests wait for device ${device}.`,
      { device_id: device, waiting },
      { retryAfterSeconds: 1 },
    )
  }

  isRunning(root: number): boolean {
    return this.#running.has(root)
  }

  /** True if a request is running that is answered only with its outcome, however long that takes. */
  holdsAnswer(root: number): boolean {
    const { view } = this.#options.journal
    return this.isRunning(root) && this.#isChained(view.document(view.event(root)?.op ?? ''))
  }

  /** True if the act of that intent is running in this process. */
  carries(intent: number): boolean {
    return this.#active.has(intent)
  }

  /** Waits until no act of the operation is running, or the deadline of its caller, since `sinceNs`, has passed. */
  async awaitActs(op: string, sinceNs: bigint): Promise<void> {
    const { view } = this.#options.journal
    const roots = view.openIntentsOf(op).map(({ seq }) => view.bodyAt(seq).root ?? seq)
    await Promise.allSettled(roots.map((root) => this.decided(root, sinceNs)))
  }

  /**
   * Runs work that makes receipts of a register: exclusively if its law chains them, and after everything left open
   * before is concluded. Throws `fiscal_device_busy`, and the error that blocks the chain. Work that leaves when its
   * last outcome is appended lets the next receipt be planned in the same group: they share a sync.
   */
  inReceiptOrder<T>(register: string, work: (leave: () => void) => Promise<T>): Promise<T> {
    return this.#receipts.run(register, async (leave) => {
      const left = this.#leftOpen((op) => this.#registerOf(op) === register)
      if (left.length > 0) await this.#resume(left)
      return work(leave)
    })
  }

  /** The same register if its law chains its receipts, else undefined. */
  chainedRegister(register: string | undefined): string | undefined {
    const document = register === undefined ? undefined : this.#options.journal.view.register(register)
    return this.#isChained(document) ? register : undefined
  }

  #isChained(document: Document | undefined): boolean {
    return document !== undefined && this.#lawOfDocument(document)?.order === 'register'
  }

  #lawOfDocument(document: Document | undefined): LawRules | undefined {
    return document !== undefined && isRecorded(document) ? this.#options.lawOfDocument(document) : undefined
  }

  /** Open intents of a device that are not running: asks the device, and executes those that it did not. */
  async reconcile(device: string): Promise<void> {
    const chainedOf = (op: string): string | undefined => this.chainedRegister(this.#registerOf(op))
    const left = (): IntentRow[] => this.#leftOpen((op, of) => of === device && chainedOf(op) === undefined)
    // Acts that only read wait for those that may have changed something: collected after these are reconciled.
    await this.#resume(left().filter((row) => !this.#reads(row)))
    await this.#resume(left().filter((row) => this.#reads(row)))
    const open = this.#options.journal.view.openIntents().filter((row) => row.op !== '' && row.device === device)
    const registers = new Set(open.flatMap((row) => chainedOf(row.op) ?? []))
    for (const register of registers) await this.inReceiptOrder(register, async () => undefined)
  }

  /**
   * Concludes what was left open on a permanently lost device, as not done: no one can find out otherwise. Returns the
   * number of acts. Throws `reconciling` while one of them is running.
   */
  async giveUp(device: string, failure: Trouble): Promise<number> {
    const open = this.#options.journal.view.openIntents().filter((row) => row.op !== '' && row.device === device)
    for (const row of open) await this.concludeAs(row, { kind: 'failed', ...failure })
    return open.length
  }

  /** Concludes an open act with an outcome from elsewhere, and continues. Throws `reconciling` while it is running. */
  async concludeAs(row: IntentRow, outcome: Outcome): Promise<void> {
    if (this.#active.has(row.seq)) throw reconciling(row.op)
    const isOpen = this.#options.journal.view.openIntentsOf(row.op).some(({ seq }) => seq === row.seq)
    const planned = isOpen ? this.#plannedActOf(row) : undefined
    if (planned === undefined) return
    this.#active.set(row.seq, planned.act)
    try {
      const { next } = await this.#conclude(planned, outcome)
      if (next !== undefined) await this.#start(next).catch(ignoreRefusal)
    } finally {
      this.#active.delete(row.seq)
    }
  }

  /** Waits until a running query about an open act is answered. */
  async awaitQuestion({ seq }: IntentRow): Promise<void> {
    await this.#running.get(this.#options.journal.view.bodyAt(seq).root ?? seq)?.catch(() => undefined)
  }

  /** Stops new acts on devices; resolves when every running act has its outcome. */
  async end(): Promise<void> {
    this.#isEnding = true
    await Promise.allSettled(this.#running.values())
  }

  /** Open intents that are not running. */
  #leftOpen(wanted: (op: string, device: string) => boolean): IntentRow[] {
    return this.#options.journal.view
      .openIntents()
      .filter((row) => row.op !== '' && !this.#active.has(row.seq) && wanted(row.op, row.device))
  }

  /** One at a time: two lost starts of one client are distinguished by their order. */
  async #resume(left: readonly IntentRow[]): Promise<void> {
    for (const row of left) {
      const planned = this.#plannedActOf(row)
      if (planned === undefined) continue
      await this.#start(planned, true).catch(ignoreRefusal)
    }
  }

  /** A running act is known: many may wait for one device, and the next command to it waits for this one. */
  #reads({ seq }: IntentRow): boolean {
    const act = this.#active.get(seq) ?? this.#options.journal.view.bodyAt(seq).act
    return act?.reads === true
  }

  #registerOf(op: string): string {
    return registerIdOf(this.#options.journal.view, op)
  }

  #hold(device: string, requests: 1 | -1): void {
    this.#waiting.set(device, (this.#waiting.get(device) ?? 0) + requests)
  }

  #start(planned: PlannedAct, ask = false, leave?: () => void, requestNs?: bigint): Promise<Answer | undefined> {
    this.#active.set(planned.intent, planned.act)
    this.#hold(planned.act.device, 1)
    const waitUntilNs = this.#waitUntilNs(requestNs)
    let isCarried = false
    const carry = (): Promise<Answer | undefined> => {
      isCarried = true
      return this.#carry(planned, ask, leave, waitUntilNs)
    }
    const isAlone = planned.law?.order === 'device'
    const carried = (isAlone ? this.#devices.run(planned.act.device, carry) : carry()).finally(() => {
      // An act that its queue refused, or whose lookup failed, is not running.
      if (!isCarried) this.#active.delete(planned.intent)
      this.#hold(planned.act.device, -1)
      if (this.#running.get(planned.root) === carried) this.#running.delete(planned.root)
    })
    this.#running.set(planned.root, carried)
    return carried
  }

  /** Until the goal is reached, or the outcome of an act cannot be known now (undefined: the intent stays open). */
  async #carry(
    first: PlannedAct,
    ask: boolean,
    leave: (() => void) | undefined,
    waitUntilNs: bigint,
  ): Promise<Answer | undefined> {
    let planned: PlannedAct | undefined = first
    let mustAsk = ask
    let answer: Answer | undefined
    const sinceNs = this.#options.clock.mono()
    for (let steps = 0; planned !== undefined && steps < STEP_LIMIT; steps++) {
      const current: PlannedAct = planned
      if (this.#isEnding) return answer
      this.#active.set(current.intent, current.act)
      try {
        await this.#options.turn?.(registerIdIn(current.document))
        const outcome = this.#doubt(current, mustAsk) ?? (await this.#act(current, mustAsk, { sinceNs, waitUntilNs }))
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
        this.#active.delete(current.intent)
      }
      mustAsk = false
    }
    return answer
  }

  /**
   * A fiscal memory that may hold an unresolved document executes nothing new, and its counters are not read: after the
   * next document it could not be identified any longer. Acts on a memory are planned and executed in its queue, so an
   * open foreign act there is such a document, even if its query still waits.
   */
  #doubt({ act, intent, document, law }: PlannedAct, ask: boolean): Outcome | undefined {
    if ((ask && act.reads !== true) || law?.order !== 'device') return undefined
    const open = this.#options.journal.view.openIntents().find((row) => {
      return row.device === act.device && row.seq !== intent && row.op !== '' && !this.#reads(row)
    })
    if (open === undefined) return undefined
    this.#options.onDoubt?.(act.device)
    const kind = law.whenUnknown(document) === 'answer_and_act_later' ? 'unknown' : 'failed'
    return { kind, code: 'reconciling', message: `The device is being asked what became of ${open.op}.` }
  }

  async #act(
    { op, act, plan, document, law }: PlannedAct,
    ask: boolean,
    time: Pick<ActRequest, 'sinceNs' | 'waitUntilNs'>,
  ): Promise<Outcome> {
    if (law === undefined) return NO_LAW
    let outcome: Outcome = ask ? await law.askOutcome(act) : { kind: 'absent' }
    // A receipt that was issued as an outage is not signed later; a voided transaction is ended anyway.
    const obstacle = (): Trouble | undefined => {
      const { view } = this.#options.journal
      const isAnswered = answeredEarly(view.progress(op)) !== undefined
      const isLate = isAnswered && law.whenUnknown(document) !== 'answer_and_act_later'
      return isLate && plan.goal !== 'voided' ? NOT_SIGNED : undefined
    }
    const late = outcome.kind === 'absent' ? obstacle() : undefined
    if (late !== undefined) outcome = { kind: 'failed', ...late }
    if (outcome.kind === 'absent') {
      this.#options.fault(`device.before-${act.name}`)
      const next = outcome.next ?? act
      outcome = await performed(act, this.#options, () => law.perform(next, { ...time, obstacle }))
      this.#options.fault(`device.after-${act.name}`)
    }
    return outcome
  }

  #conclude(planned: PlannedAct, outcome: Outcome, leave?: () => void): Promise<Step> {
    return this.#options.journal.commit('outcome', (view, seq) => {
      const step = this.#options.workflow.conclude(view, seq, planned, outcome)
      return { events: step.events, result: step, appended: step.next === undefined ? leave : undefined }
    })
  }

  #plannedActOf(row: IntentRow): PlannedAct | undefined {
    const { view } = this.#options.journal
    const { act, root = row.seq } = view.bodyAt(row.seq)
    if (act === undefined) return undefined
    const document = recordedDocument(view, row.op)
    const law = this.#options.lawOfDocument(document)
    return { root, op: row.op, intent: row.seq, act, plan: planOf(view, root), document, law }
  }

  /** A request waits at most half of its deadline for a device that has just fallen silent: the act takes time, too. */
  #waitUntilNs(requestNs = this.#options.clock.mono()): bigint {
    return requestNs + BigInt(Math.floor(this.#options.deadlineMs / 2)) * 1_000_000n
  }
}
