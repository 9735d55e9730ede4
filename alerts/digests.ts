import { DigestClock } from './digest-clock.ts'
import type { Channel, DigestFacts, Message, Partly } from './message.ts'
import type { FormerState } from './records.ts'
import { DIGEST_PREFIX } from './records.ts'

type Setting = false | { readonly at: string; readonly always: boolean }
/** The digest of a day that a channel has not taken; `only`: for the recipients that did not get it. */
type Pending = { readonly id: string; only?: readonly string[]; attempts: number; dueAt: number; isSending: boolean }
/** The digests before the start, and the begin of the agent's work. */
type Before = Pick<FormerState, 'digests' | 'restDigests'> & { readonly begunMs: number | undefined }
type Due = Pick<Pending, 'id' | 'only'> & { readonly channel: Channel }

const AT_ONCE = { attempts: 0, dueAt: Number.NEGATIVE_INFINITY, isSending: false }

const RETRY_MS = 300_000
/** The next day has its own. */
const ATTEMPTS_MAX = 12

/** The digest of each day, to each channel that takes it. */
export class Digests {
  readonly #setting: Setting
  readonly #channels: readonly { readonly channel: Channel; readonly clock: DigestClock }[]
  readonly #pending = new Map<Channel, Pending>()

  constructor(setting: Setting, channels: readonly Channel[], { digests, restDigests, begunMs }: Before) {
    this.#setting = setting
    const takers = setting === false ? [] : channels.filter(({ takes }) => takes('alert.digest'))
    const at = setting === false ? '' : setting.at
    this.#channels = takers.map((channel) => ({
      channel,
      clock: new DigestClock(at, { sentOn: digests.get(channel.id), begunMs }),
    }))
    for (const channel of takers) {
      const rest = restDigests.get(channel.id)
      if (rest !== undefined) this.#pending.set(channel, { ...rest, ...AT_ONCE })
    }
  }

  /** The digests to send now, with their ids. */
  due(wallMs: number, monoMs: number): Due[] {
    for (const { channel, clock } of this.#channels) {
      const date = clock.due(wallMs)
      if (date !== undefined) this.#pending.set(channel, { ...AT_ONCE, id: `${DIGEST_PREFIX}${date}` })
    }
    return [...this.#pending].flatMap(([channel, { id, only, dueAt, isSending }]) =>
      isSending || dueAt > monoMs ? [] : [{ channel, id, ...(only && { only }) }],
    )
  }

  isEmpty({ alerts }: Message, { duties, unsignedReceipts, backup, sync }: DigestFacts): boolean {
    if (this.#setting !== false && this.#setting.always) return false
    return alerts.length + duties.length + unsignedReceipts + sync.length === 0 && !backup.isOverdue
  }

  skip(channel: Channel): void {
    this.#pending.delete(channel)
  }

  /** Resolves to the number of the attempt. Rejects as the channel does; it is then due again later, as for the rest. */
  async send(
    channel: Channel,
    message: Message,
    signal: AbortSignal,
    monoMs: number,
  ): Promise<{ attempt: number; partly: Partly | undefined }> {
    const pending = this.#pending.get(channel)
    if (pending === undefined) throw new Error('no digest is due')
    pending.attempts += 1
    pending.isSending = true
    pending.dueAt = monoMs + RETRY_MS
    let isDone = false
    try {
      const { partly } = await channel.send(message, signal, pending.only)
      isDone = partly === undefined || partly.later.length === 0
      if (partly !== undefined) pending.only = partly.later
      return { attempt: pending.attempts, partly }
    } finally {
      pending.isSending = false
      if (isDone || pending.attempts >= ATTEMPTS_MAX) this.skip(channel)
    }
  }
}
