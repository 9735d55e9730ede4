import { ABANDONED_AFTER_MS, pauseAfter } from './channel-queue.ts'
import type { Channel } from './message.ts'
import { DeliveryError } from './message.ts'
import { DUTY_PREFIX } from './records.ts'

/** A duty as it is now; `seq` and `atMs` of its newest event. */
export type DutyChange = { readonly id: string; readonly seq: number; readonly atMs: number; readonly duty: object }

type Waiting = DutyChange & { readonly addedAt: number; attempts: number }
type Line = {
  readonly channel: Channel
  /** The ids of messages that it took, or that were dropped. */
  readonly ended: Set<string>
  /** The newest change of each duty, the one that waits longest first. */
  readonly waiting: Map<string, Waiting>
  failures: number
  dueAt: number
}

/** The changes of duties for each channel that takes them: one at a time, tried again like an alert, without words. */
export class DutyMessages {
  readonly #lines: readonly Line[]

  /** `ended`: channel → the ids of messages that ended before the start. */
  constructor(channels: readonly Channel[], ended: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#lines = channels
      .filter(({ takes }) => takes('duty.changed'))
      .map((channel) => {
        const before = new Set(ended.get(channel.id))
        return { channel, ended: before, waiting: new Map(), failures: 0, dueAt: Number.NEGATIVE_INFINITY }
      })
  }

  /** A later change of a duty replaces one that has not left yet. */
  add(change: DutyChange, { wallMs, monoMs }: { wallMs: number; monoMs: number }): void {
    for (const { ended, waiting } of this.#lines) {
      const isKnown = ended.has(dutyMessageId(change)) || (waiting.get(change.id)?.seq ?? -1) >= change.seq
      const addedAt = monoMs - Math.max(0, wallMs - change.atMs)
      if (!isKnown) waiting.set(change.id, { ...change, addedAt, attempts: 0 })
    }
  }

  waiting(channel: Channel): number {
    return this.#lineOf(channel)?.waiting.size ?? 0
  }

  /** The next change for a channel that sends nothing now. */
  next(channel: Channel, monoMs: number): DutyChange | undefined {
    const line = this.#lineOf(channel)
    return line === undefined || line.dueAt > monoMs ? undefined : line.waiting.values().next().value
  }

  /** Removes the changes that waited for three days. */
  drop(channel: Channel, monoMs: number): readonly Waiting[] {
    const line = this.#lineOf(channel)
    const old = [...(line?.waiting.values() ?? [])].filter(({ addedAt }) => monoMs - addedAt >= ABANDONED_AFTER_MS)
    for (const change of old) this.#end(line, change)
    return old
  }

  /** Resolves to the number of the attempt. Rejects as the channel does; another duty is then tried first. */
  async send(
    channel: Channel,
    { id, seq }: DutyChange,
    act: () => Promise<unknown>,
    now: () => number,
  ): Promise<number> {
    const line = this.#lineOf(channel)
    const change = line?.waiting.get(id)
    if (line === undefined || change === undefined || change.seq !== seq)
      throw new Error('no change of that duty waits')
    change.attempts += 1
    try {
      await act()
    } catch (error) {
      line.failures += 1
      line.dueAt = now() + pauseAfter(line.failures, error instanceof DeliveryError ? error.retryAfterMs : undefined)
      const newest = line.waiting.get(id) ?? change
      line.waiting.delete(id)
      line.waiting.set(id, newest)
      throw error
    }
    line.failures = 0
    this.#end(line, change)
    return change.attempts
  }

  #lineOf(channel: Channel): Line | undefined {
    return this.#lines.find((line) => line.channel === channel)
  }

  /** A newer change that came during the send stays. */
  #end(line: Line | undefined, change: Waiting): void {
    line?.ended.add(dutyMessageId(change))
    if (line?.waiting.get(change.id) === change) line.waiting.delete(change.id)
  }
}

/** The id under which a change is sent: the same at each attempt, and after a restart. */
export function dutyMessageId({ seq }: Pick<DutyChange, 'seq'>): string {
  return `${DUTY_PREFIX}${seq}`
}
