import { DigestClock } from './digest-clock.ts'
import type { Channel, DigestFacts, Message } from './message.ts'
import { DIGEST_PREFIX } from './records.ts'

type Setting = false | { readonly at: string; readonly always: boolean }
/** The digest of a day that a channel has not taken. */
type Pending = { readonly id: string; attempts: number; dueAt: number; isSending: boolean }

const RETRY_MS = 300_000
/** The next day has its own. */
const ATTEMPTS_MAX = 12

/** The digest of each day, to each channel that takes it. */
export class Digests {
  readonly #setting: Setting
  readonly #channels: readonly { readonly channel: Channel; readonly clock: DigestClock }[]
  readonly #pending = new Map<Channel, Pending>()

  /** `sentOn`: channel → the date of its last digest. */
  constructor(setting: Setting, channels: readonly Channel[], sentOn: ReadonlyMap<string, string>) {
    this.#setting = setting
    const takers = setting === false ? [] : channels.filter(({ takes }) => takes('alert.digest'))
    const at = setting === false ? '' : setting.at
    this.#channels = takers.map((channel) => ({ channel, clock: new DigestClock(at, sentOn.get(channel.id)) }))
  }

  /** The digests to send now, with their ids. */
  due(wallMs: number, monoMs: number): { channel: Channel; id: string }[] {
    for (const { channel, clock } of this.#channels) {
      const date = clock.due(wallMs)
      if (date !== undefined)
        this.#pending.set(channel, { id: `${DIGEST_PREFIX}${date}`, attempts: 0, dueAt: monoMs, isSending: false })
    }
    return [...this.#pending].flatMap(([channel, { id, dueAt, isSending }]) =>
      isSending || dueAt > monoMs ? [] : [{ channel, id }],
    )
  }

  isEmpty({ alerts }: Message, { tasks, unsignedReceipts, backup, sync }: DigestFacts): boolean {
    if (this.#setting !== false && this.#setting.always) return false
    return alerts.length + tasks.length + unsignedReceipts + sync.length === 0 && !backup.isOverdue
  }

  skip(channel: Channel): void {
    this.#pending.delete(channel)
  }

  /** Resolves to the number of the attempt. Rejects as the channel does; it is then due again later. */
  async send(channel: Channel, message: Message, signal: AbortSignal, monoMs: number): Promise<number> {
    const pending = this.#pending.get(channel)
    if (pending === undefined) throw new Error('no digest is due')
    pending.attempts += 1
    pending.isSending = true
    try {
      await channel.send(message, signal)
      this.skip(channel)
      return pending.attempts
    } catch (error) {
      pending.isSending = false
      pending.dueAt = monoMs + RETRY_MS
      if (pending.attempts >= ATTEMPTS_MAX) this.skip(channel)
      throw error
    }
  }
}
