import type { Clock } from '../../../base/clock.ts'
import { withEnd } from '../../../base/lifetime.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { Journal } from '../../journal/journal.ts'
import { answeredEarly } from '../../journal/progress.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import type { Answer } from '../requests.ts'
import { answerAt, answerOf, documentAnswer } from './answers.ts'
import { notDurable, reconciling } from './refusals.ts'
import type { Workflow } from './workflow.ts'
import { planOf, recordedDocument } from './workflow.ts'

export type RequestDeadlinesOptions = {
  journal: Journal
  workflow: Workflow
  clock: Clock
  deadlineMs: number
  /** The law of a document. */
  lawOfDocument: (document: RecordedDocument) => LawRules | undefined
}

/** `answer`: given without another event; undefined if the law has an early answer that must be journalled first. */
type Undecided = { op: string; document: RecordedDocument; answer: Answer | undefined }

/**
 * The answers of requests that are not decided at their deadline, which counts from their arrival. The law decides the early
 * answer, and a commit makes it durable; on a slow disk no further sync is waited for, and the answer needs none.
 */
export class RequestDeadlines {
  readonly #options: RequestDeadlinesOptions

  constructor(options: RequestDeadlinesOptions) {
    this.#options = options
  }

  /** Undefined if it is not settled at the deadline. */
  within<T>(promise: Promise<T>, sinceNs = this.#options.clock.mono()): Promise<T | undefined> {
    const { clock, deadlineMs } = this.#options
    const waitedMs = Number((clock.mono() - sinceNs) / 1_000_000n)
    return new Promise((resolve, reject) => {
      const cancel = clock.after(Math.max(0, deadlineMs - waitedMs), () => resolve(undefined))
      withEnd(() => promise, cancel).then(resolve, reject)
    })
  }

  /**
   * The answer of a request; throws `reconciling` at its deadline, or later while another program prevents its outcome
   * from being written. On a slow disk it is {@link late} then. The request continues anyway. `rootOf`: its first event,
   * once that is durable.
   */
  durably(
    answer: Promise<Answer>,
    rootOf: () => number | undefined,
    sinceNs = this.#options.clock.mono(),
  ): Promise<Answer> {
    const { awaited, slowSyncs } = this.#options.journal.between
    const dueMs = this.#dueMs(sinceNs)
    const inTime = awaited.inTime(answer, dueMs, () => this.late(rootOf()))
    if (slowSyncs.isLate(dueMs)) awaited.settleDue(dueMs)
    return inTime
  }

  /** The deadline has passed or the device cannot be asked: the early answer of the law, or {@link late}. */
  async early(root: number, sinceNs = this.#options.clock.mono()): Promise<Answer> {
    const { journal, workflow } = this.#options
    const held = journal.lock.outcomeRefusal()
    if (held !== undefined) throw held
    if (this.isLate(sinceNs)) return this.late(root)
    return await journal.commit('outcome', (view, seq) => {
      const answered = answerOf(view, root)
      if (answered !== undefined) return { events: [], result: answerAt(view, answered) }
      const { op, document, answer } = this.#undecided(view, root)
      if (answer !== undefined) return { events: [], result: answer }
      const plan = planOf(view, root)
      const event = workflow.endEarly(view, document, plan, { root, seq, op })
      const meanwhile = document.with(event.body)
      return { events: [event], result: { ...documentAnswer(meanwhile, plan.status), replayed: false } }
    })
  }

  /** True if the deadline has passed, and no further sync is waited for. */
  isLate(sinceNs = this.#options.clock.mono()): boolean {
    return this.#options.journal.between.slowSyncs.isLate(this.#dueMs(sinceNs))
  }

  /**
   * The deadline has passed on a slow disk: the durable answer or the durable open document, else throws `reconciling`.
   * Commits nothing.
   */
  late(root: number | undefined): Answer {
    if (root === undefined) throw notDurable()
    const { view } = this.#options.journal
    const answered = answerOf(view, root)
    if (answered !== undefined) return answerAt(view, answered)
    const { op, answer } = this.#undecided(view, root)
    if (answer === undefined) throw notDurable(op)
    return answer
  }

  /** Throws `reconciling` if the document stays open until the outcome is known. */
  #undecided(view: View, root: number): Undecided {
    const op = view.event(root)?.op ?? ''
    const document = recordedDocument(view, op)
    const plan = planOf(view, root)
    const law = this.#options.lawOfDocument(document)
    const mustWait = law?.whenUnknown(document) === 'wait'
    if (plan.goal === 'decommissioned' || (plan.goal !== 'fiscalized' && mustWait)) throw reconciling(op)
    const isDurable =
      plan.goal === 'open' || plan.goal === 'fiscalized' || answeredEarly(view.progress(op))?.root === root
    const answer = isDurable ? { ...documentAnswer(document, plan.status), replayed: false } : undefined
    return { op, document, answer }
  }

  #dueMs(sinceNs: bigint): number {
    return Number(sinceNs / 1_000_000n) + this.#options.deadlineMs
  }
}
