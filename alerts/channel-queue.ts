import { HOUR_MS } from '../base/clock.ts'
import type { Alert, AlertType, Happening, MessageType } from './alert.ts'
import type { Channel, Partly, Receipt } from './message.ts'
import { DeliveryError } from './message.ts'
import type { AbandonReason, AlertRecord } from './records.ts'

/** Messages that a channel gets within an hour; the last of them is a summary if more wait. */
const HOURLY_MAX = 20
/** Pauses after a failed attempt; the last one is repeated. */
const PAUSES_MS: readonly number[] = [10_000, 60_000, 300_000, 900_000, HOUR_MS]
export const ABANDONED_AFTER_MS = 3 * 24 * HOUR_MS
/** The clock is right again for so long before the messages that waited for it leave. */
const CLOCK_CALM_MS = 10_000
/** A smaller step is an adjustment. */
const CLOCK_STEP_MS = 60_000

/** One message about one alert. */
export type Item = { readonly type: AlertType; readonly alert: Alert; readonly atMs: number }

/** The recipients that still wait for a message which the others have; undefined: all of them. */
type Rest = readonly string[] | undefined

/** Items that leave as one message. */
export type Batch = { readonly items: readonly Item[]; readonly isSummary: boolean; readonly only: Rest }

type Waiting = Item & { readonly addedAt: number; readonly only: Rest }
type Tried = {
  items: Waiting[]
  readonly isSummary: boolean
  only: Rest
  attempts: number
  dueAt: number
}

export type Delivery = { readonly atMs: number; readonly type: string }
export type Failure = { readonly atMs: number; readonly code: string; readonly message: string }

type Options = {
  readonly channel: Channel
  /** Sends a batch. Throws DeliveryError. */
  readonly deliver: (batch: Batch) => Promise<Receipt>
  /** Journals the end of messages. */
  readonly record: (records: readonly AlertRecord[]) => void
  /** True if the alert waits for the end of the quiet hours. */
  readonly isHeldBack: (item: Item) => boolean
  /** True while the clock is known to be wrong: a certificate may then fail, and the message stays. */
  readonly isClockWrong: () => boolean
  readonly nowMs: () => number
  readonly monoMs: () => number
  readonly onFailure: (failure: Failure, isFirst: boolean) => void
  readonly onRecovery: () => void
  readonly onAbandoned: (items: readonly Item[]) => void
}

/** The channel before a start; `failingMs`: for how long it took nothing. */
type Before = {
  readonly last: Delivery | undefined
  readonly failingMs: number | undefined
  /** The alerts whose raising it has taken. */
  readonly notified: Iterable<string>
}

/** The messages for one channel: one at a time, with retries, in as few as possible. */
export class ChannelQueue {
  readonly #options: Options
  #fresh: Waiting[] = []
  #tried: Tried[] = []
  #sending: Promise<void> | undefined
  #inFlight: readonly Waiting[] = []
  /** When first attempts were made, and when the channel took messages, within the last hour. */
  #sentAt: number[] = []
  #takenAt: number[] = []
  #tookAt = Number.NEGATIVE_INFINITY
  /** Since when it has taken nothing although something waited. */
  #failingFrom: number | undefined
  /** The alerts whose raising the channel has taken. */
  readonly #notified: Set<string>
  /** The alerts whose raising could not leave by a wrong clock: their end is sent. */
  readonly #unnoticed = new Set<string>()
  /** When the clock was last seen wrong. */
  #clockWrongAt: number | undefined
  last: Delivery | undefined
  lastFailure: Failure | undefined

  constructor(options: Options, { last, failingMs, notified }: Before) {
    this.#options = options
    this.last = last
    this.#notified = new Set(notified)
    if (failingMs !== undefined) this.#failingFrom = options.monoMs() - failingMs
  }

  get channel(): Channel {
    return this.#options.channel
  }

  get isSending(): boolean {
    return this.#sending !== undefined
  }

  /** True if it has taken a message since the start. */
  get hasTaken(): boolean {
    return this.#tookAt > Number.NEGATIVE_INFINITY
  }

  get waiting(): number {
    return this.#fresh.length + this.#tried.reduce((sum, { items }) => sum + items.length, 0)
  }

  /** For how long it has taken nothing although something waited. */
  failingMs(): number {
    return this.#failingFrom === undefined ? 0 : this.#options.monoMs() - this.#failingFrom
  }

  add({ type, alert, atMs }: Happening): void {
    if (type === 'alert.raised') this.#replaceRaised(alert)
    this.#fresh.push({ type, alert, atMs, addedAt: this.#options.monoMs(), only: undefined })
  }

  /** A message of before the start, which has waited for so long. */
  restore({ type, alert, atMs }: Happening, waitsMs: number, only: Rest): void {
    // Its raising has left, or could not leave by a wrong clock.
    if (type === 'alert.resolved') this.#unnoticed.add(alert.id)
    this.#fresh.push({ type, alert, atMs, addedAt: this.#options.monoMs() - waitsMs, only })
  }

  /** Begins to send what is due, unless something is being sent. */
  tick(): void {
    const isClockWrong = this.#options.isClockWrong()
    if (isClockWrong) this.#clockWrongAt = this.#options.monoMs()
    if (this.#sending !== undefined) return
    this.#watchClock()
    if (this.#clockWrongAt !== undefined && !isClockWrong) return
    this.#dropEnded()
    const tried = this.#next(this.#options.monoMs())
    if (tried === undefined) return
    this.#inFlight = tried.items
    this.#sending = this.#attempt(tried).finally(() => {
      this.#sending = undefined
      this.#inFlight = []
    })
  }

  /** Sends a digest, a test or a sign of life at a moment when nothing is being sent. */
  sendOther(type: MessageType, send: () => Promise<Partly | undefined>): void {
    this.#sending = this.#attemptOther(type, send).finally(() => {
      this.#sending = undefined
    })
  }

  async #attemptOther(type: MessageType, send: () => Promise<Partly | undefined>): Promise<void> {
    try {
      this.#took(type, (await send())?.failure)
    } catch (error) {
      this.#failed(asDelivery(error), this.#options.monoMs())
    }
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    await this.#sending
  }

  /** One that has not left yet says the same, less. */
  #replaceRaised({ id }: Alert): void {
    this.#remove((item) => item.alert.id === id && item.type === 'alert.raised')
  }

  get #all(): Waiting[] {
    return [...this.#tried.flatMap(({ items }) => items), ...this.#fresh]
  }

  /** Messages that wait while the clock is wrong are sent soon after it is right, with corrected times. */
  #watchClock(): void {
    const { monoMs, nowMs } = this.#options
    if (this.#clockWrongAt === undefined) return
    for (const { type, alert } of this.#all) if (type === 'alert.raised') this.#unnoticed.add(alert.id)
    // By then an alert that ends with it has ended: one message has both.
    if (monoMs() - this.#clockWrongAt < CLOCK_CALM_MS) return
    this.#clockWrongAt = undefined
    const put = correction(this.#all, nowMs(), monoMs())
    this.#fresh = this.#fresh.map(put)
    for (const tried of this.#tried) {
      tried.items = tried.items.map(put)
      tried.dueAt = monoMs()
    }
  }

  /** A resolved alert whose first message never left makes no message. */
  #dropEnded(): void {
    const all = this.#all
    const ended = new Set(all.filter(({ type }) => type === 'alert.resolved').map(({ alert }) => alert.id))
    // One that was raised again after its first message still needs the message of its end.
    const isNotified = ({ id }: Alert): boolean =>
      this.#notified.has(id) || this.#unnoticed.has(id) || !this.#options.channel.takes('alert.raised')
    const isUnsent = ({ type, alert }: Waiting): boolean =>
      ended.has(alert.id) && (type === 'alert.raised' || (type === 'alert.resolved' && !isNotified(alert)))
    this.#abandon(all.filter(isUnsent), 'resolved')
  }

  #abandon(items: readonly Waiting[], reason: AbandonReason, attempt = 0): void {
    if (items.length === 0) return
    const gone = new Set(items)
    this.#remove((item) => gone.has(item))
    const { channel, record } = this.#options
    record(
      items.map(({ type, alert }) => ({
        kind: 'alert.abandoned',
        op: alert.id,
        facts: { type, channel: channel.id, attempt, reason },
      })),
    )
  }

  #remove(isMeant: (item: Waiting) => boolean): void {
    const stays = (item: Waiting): boolean => this.#inFlight.includes(item) || !isMeant(item)
    this.#fresh = this.#fresh.filter(stays)
    for (const tried of this.#tried) tried.items = tried.items.filter(stays)
    this.#tried = this.#tried.filter(({ items }) => items.length > 0)
  }

  #next(monoMs: number): Tried | undefined {
    this.#sentAt = this.#sentAt.filter((at) => monoMs - at < HOUR_MS)
    this.#takenAt = this.#takenAt.filter((at) => monoMs - at < HOUR_MS)
    if (this.#takenAt.length >= HOURLY_MAX) return undefined
    const due = this.#tried.filter(({ dueAt, items }) => dueAt <= monoMs && !items.every(this.#options.isHeldBack))
    const whole = due.filter(({ only }) => only === undefined)
    if (whole.length > 1 && this.#takenAt.length === HOURLY_MAX - 1) return this.#merged(whole)
    if (due.length > 0) return due[0]
    if (this.#sentAt.length >= HOURLY_MAX) return undefined
    const ready = this.#fresh.filter((item) => !this.#options.isHeldBack(item))
    const group = this.#groupOf(ready, monoMs)
    if (group.length === 0) return undefined
    const used = Math.max(this.#sentAt.length, this.#takenAt.length)
    const only = group[0]?.only
    const isSummary = used === HOURLY_MAX - 1 && ready.length > group.length
    const items = isSummary ? ready.filter((item) => isSame(item.only, only)) : group
    const taken = new Set(items)
    this.#fresh = this.#fresh.filter((item) => !taken.has(item))
    const tried: Tried = { items, isSummary, only, attempts: 0, dueAt: monoMs }
    this.#tried.push(tried)
    this.#sentAt.push(monoMs)
    return tried
  }

  /** Messages that a channel did not take for hours leave as one summary when it takes too many of them again. */
  #merged(due: readonly Tried[]): Tried {
    const items = due.flatMap((tried) => tried.items)
    const attempts = Math.max(...due.map((tried) => tried.attempts))
    const summary: Tried = { items, isSummary: true, only: undefined, attempts, dueAt: this.#options.monoMs() }
    this.#tried = [...this.#tried.filter((tried) => !due.includes(tried)), summary]
    return summary
  }

  /** The oldest item, with those of its rule and type that came shortly after it. */
  #groupOf(ready: readonly Waiting[], monoMs: number): Waiting[] {
    const { groupMs } = this.#options.channel
    const first = ready.find(({ addedAt }) => addedAt + groupMs <= monoMs)
    if (first === undefined) return []
    if (groupMs === 0) return [first]
    return ready.filter(
      ({ type, alert, addedAt, only }) =>
        type === first.type &&
        isSame(only, first.only) &&
        alert.rule === first.alert.rule &&
        addedAt >= first.addedAt &&
        addedAt - first.addedAt <= groupMs,
    )
  }

  async #attempt(tried: Tried): Promise<void> {
    tried.attempts += 1
    const { items, isSummary, only } = tried
    let receipt: Receipt
    try {
      receipt = await this.#options.deliver({ items, isSummary, only })
    } catch (error) {
      const failure = asDelivery(error)
      this.#failed(failure, Math.min(...items.map(({ addedAt }) => addedAt)))
      this.#postpone(tried, failure.retryAfterMs)
      return
    }
    this.#delivered(tried, receipt.partly)
  }

  #delivered(tried: Tried, partly: Partly | undefined): void {
    const { channel, record } = this.#options
    const { items, isSummary, only, attempts: attempt } = tried
    const { later = [], failure } = partly ?? {}
    this.#took(isSummary ? 'alert.digest' : (items[0]?.type ?? ''), failure)
    if (only === undefined) this.#takenAt.push(this.#options.monoMs())
    const isDone = later.length === 0
    if (isDone) this.#tried = this.#tried.filter((other) => other !== tried)
    for (const { type, alert } of items)
      if (type === 'alert.raised') this.#notified.add(alert.id)
      else if (isDone) this.#forget(alert)
    record(
      items.map(({ type, alert }) => ({
        kind: 'alert.sent',
        op: alert.id,
        facts: { type, channel: channel.id, attempt, ...(!isDone && { waiting: later }) },
      })),
    )
    if (isDone) return
    tried.only = later
    this.#postpone(tried, undefined)
  }

  #forget({ id }: Alert): void {
    this.#notified.delete(id)
    this.#unnoticed.delete(id)
  }

  /** `failure`: of recipients that did not get it. */
  #took(type: string, failure: DeliveryError | undefined): void {
    const { nowMs, monoMs, onRecovery, onFailure } = this.#options
    const before = this.lastFailure
    this.#tookAt = monoMs()
    this.last = { atMs: nowMs(), type }
    this.lastFailure = failure && { atMs: nowMs(), code: failure.code, message: failure.message }
    this.#failingFrom = undefined
    if (this.lastFailure !== undefined) onFailure(this.lastFailure, before?.message !== failure?.message)
    else if (before !== undefined) onRecovery()
  }

  #failed({ code, message }: DeliveryError, waitingFrom: number): void {
    const { nowMs, onFailure } = this.#options
    const isFirst = this.lastFailure === undefined
    this.lastFailure = { atMs: nowMs(), code, message }
    this.#failingFrom ??= Math.max(waitingFrom, this.#tookAt)
    onFailure(this.lastFailure, isFirst)
  }

  #postpone(tried: Tried, retryAfterMs: number | undefined): void {
    const monoMs = this.#options.monoMs()
    tried.dueAt = monoMs + pauseAfter(tried.attempts, retryAfterMs)
    if (tried.items.some(({ addedAt }) => monoMs - addedAt < ABANDONED_AFTER_MS)) return
    this.#inFlight = []
    this.#options.onAbandoned(tried.items)
    this.#abandon(tried.items, 'undelivered', tried.attempts)
  }
}

function isSame(one: Rest, other: Rest): boolean {
  return one?.join() === other?.join()
}

/** Puts the times of a clock that was wrong right, by the monotonic clock; their wait begins now. */
function correction(all: readonly Waiting[], wallMs: number, monoMs: number): (item: Waiting) => Waiting {
  const wrongBy = ({ atMs, addedAt }: Waiting): number => {
    const byMs = wallMs - (monoMs - addedAt) - atMs
    return Math.abs(byMs) < CLOCK_STEP_MS ? 0 : byMs
  }
  // A begin that is later than the message about it is of the time before the fault.
  const begins = new Map(
    all
      .filter((item) => wrongBy(item) !== 0)
      .map((item) => [item.alert.id, item.alert.sinceMs <= item.atMs ? wrongBy(item) : 0]),
  )
  return (item) => {
    const { alert } = item
    const sinceMs = alert.sinceMs + (begins.get(alert.id) ?? 0)
    return { ...item, alert: { ...alert, sinceMs }, atMs: item.atMs + wrongBy(item), addedAt: monoMs }
  }
}

/** The pause after so many failed attempts. A server may ask for more time, and not for days. */
export function pauseAfter(attempts: number, retryAfterMs: number | undefined): number {
  const pauseMs = PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? HOUR_MS
  return Math.max(pauseMs, Math.min(retryAfterMs ?? 0, HOUR_MS))
}

function asDelivery(error: unknown): DeliveryError {
  return error instanceof DeliveryError ? error : new DeliveryError('internal_error', 'The message could not be made.')
}
