import type { Explanation } from '../../contract/explanation.ts'
import { DRY_RUN_STATUS } from '../../contract/route.ts'
import { FiskalError } from '../../errors.ts'
import type { Priority } from '../../journal/commands.ts'
import type { Document } from '../../journal/documents/document.ts'
import { madeBy } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import { withMarks } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Answer, Idempotency, Mutation } from '../requests.ts'
import { AlreadyClaimed, claimFor, documentAnswer, keyState } from './answers.ts'
import type { Recorder } from './recorder.ts'
import type { Step } from './workflow.ts'

/** Decides a request inside a commit; `seq` is the seq its first event gets. Throws FiskalError to refuse it. */
export type DecideStep = (view: View, seq: number) => Step

export type RunOptions = {
  /** `finish` for the end of an open operation: it may finish even while new work is refused. */
  priority?: Priority
  /** The register whose receipt the request makes, if its law chains them ({@link Recorder.chainedRegister}). */
  chained?: string | undefined
}

/** The commit of a request and the queue of its register. `root`: its first event, once that is durable. */
type Running = { priority: Priority; root: number | undefined; leave?: () => void }

/** Explains the amounts of an operation, if its law has books. */
type Explain = (document: Document) => Explanation | undefined

/** Ends the commit of a dry run. */
class Previewed extends Error {
  override readonly name = 'Previewed'
  readonly step: Step

  constructor(step: Step) {
    super('a dry run')
    this.step = step
  }
}

/**
 * Runs changing requests: decided and journalled in one commit, advanced until they end, answered once for each key.
 */
export class Mutations {
  readonly #journal: Journal
  readonly #recorder: Recorder
  readonly #explain: Explain

  constructor(journal: Journal, recorder: Recorder, explain: Explain) {
    this.#journal = journal
    this.#recorder = recorder
    this.#explain = explain
  }

  run(mutation: Mutation, decide: DecideStep, options: RunOptions = {}): Promise<Answer> {
    if (mutation.dryRun === true) return this.#preview(decide)
    const { chained, priority = 'intent' } = options
    const running: Running = { priority, root: undefined }
    const answer =
      chained === undefined
        ? this.#runNow(mutation, decide, running)
        : this.#recorder.order.inReceiptOrder(chained, (leave) => {
            running.leave = leave
            return this.#runNow(mutation, decide, running)
          })
    return this.#recorder.deadlines.durably(answer, () => running.root, mutation.arrivedNs)
  }

  /** The result that the request would have: decided in a commit like any other, which appends nothing. */
  async #preview(decide: DecideStep): Promise<Answer> {
    try {
      return await this.#journal.commit('intent', (view, seq) => {
        throw new Previewed(decide(view, seq))
      })
    } catch (error) {
      if (!(error instanceof Previewed)) throw error
      const document = plannedDocument(error.step)
      const explanation = this.#explain(document)
      const { body } = documentAnswer(
        explanation === undefined ? document : document.with({ set: { explanation } }),
        DRY_RUN_STATUS,
      )
      const headers = { 'Preference-Applied': 'dry-run' }
      return { status: DRY_RUN_STATUS, headers, body, subject: undefined, replayed: false }
    }
  }

  async #runNow(mutation: Mutation, decide: DecideStep, running: Running): Promise<Answer> {
    const { leave } = running
    try {
      const { step, root } = await this.#journal.commit(running.priority, (view, seq) => {
        // Before all rules: a repetition that arrived while the first one was decided gets its answer and is not
        // decided again.
        const claim = claimFor(view, mutation.idempotency)
        const step = decide(view, seq)
        const [first, ...more] = step.events
        const events = first === undefined ? [] : [withMarks(first, claim), ...more]
        return { events, result: { step, root: seq }, appended: step.next === undefined ? leave : undefined }
      })
      running.root = root
      return await this.#recorder.finish(step, root, { leave, sinceNs: mutation.arrivedNs })
    } catch (error) {
      if (!(error instanceof AlreadyClaimed) || mutation.idempotency === undefined) throw error
      const stored = await this.answerOfKey(mutation.idempotency, mutation.arrivedNs)
      if (stored !== undefined) return stored
      throw error
    }
  }

  /** The answer of a key, waiting for a running request of it up to the deadline since then; undefined for a free key. */
  async answerOfKey(idempotency: Idempotency, sinceNs?: bigint): Promise<Answer | undefined> {
    const claim = keyState(this.#journal.view, idempotency)
    if (claim.state === 'free') return undefined
    if (claim.state === 'answered') return claim.answer
    const decided = await this.#recorder.running.decided(claim.root, sinceNs)
    if (decided !== undefined) return { ...decided, replayed: true }
    if (this.#recorder.order.holdsAnswer(claim.root) && !this.#recorder.deadlines.isLate(sinceNs)) {
      throw new FiskalError(
        'idempotency_key_in_use',
        'The request with this Idempotency-Key is still running.',
        { idempotency_key: idempotency.key },
        { fiscalEffect: 'unknown', retryAfterSeconds: 1 },
      )
    }
    // The first request timed out by now: until its device has answered, this is the answer.
    return { ...(await this.#recorder.deadlines.early(claim.root, sinceNs)), replayed: true }
  }
}

/** The document after its acts: the planned members, with its fiscal part still pending. */
function plannedDocument({ document, next: planned }: Step): Document {
  return planned === undefined ? document : document.with(planned.plan)
}

/** A request without a device: one event, answered by the document after it; `before` is the document if it existed. */
export function singleStep(event: NewEvent, status: number, before?: Document): Step {
  const answered = withMarks(event, { answer: { status } })
  return { events: [answered], next: undefined, document: before?.with(event.body) ?? madeBy(event), status }
}
