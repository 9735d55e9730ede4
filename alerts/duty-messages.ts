import { ABANDONED_AFTER_MS, pauseAfter } from './channel-queue.ts'
import { DeliveryError } from './message.ts'
import { DUTY_PREFIX } from './records.ts'

/** A duty as it is now; `seq` and `atMs` of its newest event. */
export type DutyChange = { readonly id: string; readonly seq: number; readonly atMs: number; readonly duty: object }

type Waiting = DutyChange & { readonly addedAt: number; attempts: number }

/** The changes of duties for one channel: one at a time, tried again like an alert, without words. */
export class DutyMessages {
  /** The ids of messages that it took, or that were dropped. */
  readonly #ended: Set<string>
  /** The newest change of each duty, the one that waits longest first. */
  readonly #waiting = new Map<string, Waiting>()
  #failures = 0
  #dueAt = Number.NEGATIVE_INFINITY

  /** `ended`: the messages that ended before the start. */
  constructor(ended: ReadonlySet<string> | undefined) {
    this.#ended = new Set(ended)
  }

  get size(): number {
    return this.#waiting.size
  }

  /** A later change of a duty replaces one that has not left yet. */
  add(change: DutyChange, { wallMs, monoMs }: { wallMs: number; monoMs: number }): void {
    const isKnown = this.#ended.has(dutyMessageId(change)) || (this.#waiting.get(change.id)?.seq ?? -1) >= change.seq
    const addedAt = monoMs - Math.max(0, wallMs - change.atMs)
    if (!isKnown) this.#waiting.set(change.id, { ...change, addedAt, attempts: 0 })
  }

  /** Undefined while the channel pauses. */
  next(monoMs: number): Waiting | undefined {
    return this.#dueAt > monoMs ? undefined : this.#waiting.values().next().value
  }

  /** Removes the changes that waited for three days. */
  drop(monoMs: number): readonly Waiting[] {
    const old = [...this.#waiting.values()].filter(({ addedAt }) => monoMs - addedAt >= ABANDONED_AFTER_MS)
    for (const change of old) this.#end(change)
    return old
  }

  /** Resolves to the number of the attempt. Rejects as the channel does; another duty is then tried first. */
  async send(change: Waiting, act: () => Promise<unknown>, now: () => number): Promise<number> {
    change.attempts += 1
    try {
      await act()
    } catch (error) {
      this.#failures += 1
      this.#dueAt = now() + pauseAfter(this.#failures, error instanceof DeliveryError ? error.retryAfterMs : undefined)
      const newest = this.#waiting.get(change.id) ?? change
      this.#waiting.delete(change.id)
      this.#waiting.set(change.id, newest)
      throw error
    }
    this.#failures = 0
    this.#end(change)
    return change.attempts
  }

  /** A newer change that came during the send stays. */
  #end(change: Waiting): void {
    this.#ended.add(dutyMessageId(change))
    if (this.#waiting.get(change.id) === change) this.#waiting.delete(change.id)
  }
}

/** The id under which a change is sent: the same at each attempt, and after a restart. */
export function dutyMessageId({ seq }: Pick<DutyChange, 'seq'>): string {
  return `${DUTY_PREFIX}${seq}`
}
