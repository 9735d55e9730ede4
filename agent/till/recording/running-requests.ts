import { withEnd } from '../../../base/lifetime.ts'
import { TransientMap } from '../../../base/transient-map.ts'
import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import type { IntentRow } from '../../journal/projections/view.ts'
import type { Answer } from '../requests.ts'
import { answerAt, answerOf } from './answers.ts'
import type { RequestDeadlines } from './request-deadlines.ts'
import type { PlannedAct } from './workflow.ts'

/** Requests that may wait for one device. */
export const WAITING_LIMIT = 64

/** The requests and acts that run in this process, and the number of requests that wait for each device. */
export class RunningRequests {
  readonly #journal: Journal
  readonly #deadlines: RequestDeadlines
  /** By root event; resolves when nothing more can be done now. */
  readonly #requests = new TransientMap<number, Promise<Answer | undefined>>()
  /** By intent. The run that added an act removes it. */
  readonly #acts = new TransientMap<number, PlannedAct>()
  /** By the device they began with. */
  readonly #waiting = new Map<string, number>()

  constructor(journal: Journal, deadlines: RequestDeadlines) {
    this.#journal = journal
    this.#deadlines = deadlines
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

  /** Registers a request until `run` settles, and its first act until that begins. */
  track(first: PlannedAct, run: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    const { root, act } = first
    const { device } = act
    this.begin(first)
    this.#waiting.set(device, (this.#waiting.get(device) ?? 0) + 1)
    const request = withEnd(run, () => {
      // An act that its queue refused did not begin, and did not end.
      this.end(first)
      this.#waiting.set(device, (this.#waiting.get(device) ?? 1) - 1)
      if (this.#requests.get(root) === request) this.#requests.delete(root)
    })
    this.#requests.set(root, request)
    return request
  }

  /** The act runs until its end is noted here. */
  begin(planned: PlannedAct): void {
    this.#acts.set(planned.intent, planned)
  }

  end(planned: PlannedAct): void {
    if (this.#acts.get(planned.intent) === planned) this.#acts.delete(planned.intent)
  }

  /** The running act of that intent. */
  actOf(intent: number): PlannedAct | undefined {
    return this.#acts.get(intent)
  }

  isRunning(root: number): boolean {
    return this.#requests.has(root)
  }

  /** Waits for a running request, up to the deadline; undefined if it is not decided by then. */
  async decided(root: number, sinceNs?: bigint): Promise<Answer | undefined> {
    const { view } = this.#journal
    const request = this.#requests.get(root)
    const answer = request && (await this.#deadlines.within(request, sinceNs))
    if (answer !== undefined) return answer
    const answeredAt = answerOf(view, root)
    return answeredAt === undefined ? undefined : answerAt(view, answeredAt)
  }

  /** Waits until no act of the operation is running, or the deadline of its caller, since `sinceNs`, has passed. */
  async awaitActs(op: string, sinceNs: bigint): Promise<void> {
    await Promise.allSettled(
      this.#journal.view.openIntentsOf(op).map((row) => this.decided(this.#rootOf(row), sinceNs)),
    )
  }

  /** Waits until a running query about an open act is answered. */
  async awaitQuery(row: IntentRow): Promise<void> {
    await this.#requests.get(this.#rootOf(row))?.catch(() => undefined)
  }

  async awaitAll(): Promise<void> {
    await Promise.allSettled(this.#requests.values())
  }

  #rootOf({ seq }: IntentRow): number {
    return this.#journal.view.bodyAt(seq).root ?? seq
  }
}
