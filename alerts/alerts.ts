import type { Clock } from '../base/clock.ts'
import { every, monoMs, rfc3339, within } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Alert, Ending, Happening, MessageType, StandingWarning } from './alert.ts'
import { subjectName } from './alert.ts'
import { AlertLog } from './alert-log.ts'
import type { Batch, Item } from './channel-queue.ts'
import { ABANDONED_AFTER_MS, ChannelQueue } from './channel-queue.ts'
import { Digests } from './digests.ts'
import type { DutyChange } from './duty-messages.ts'
import { DutyMessages, dutyMessageId } from './duty-messages.ts'
import type { QuietHours } from './local-time.ts'
import { isQuiet } from './local-time.ts'
import type { AlertNotice, AlertWords, Channel, DigestFacts, Message, Shop } from './message.ts'
import { messageId } from './message.ts'
import { OpenAlerts } from './open-alerts.ts'
import type { AlertRecord, Former, FormerState } from './records.ts'
import { recordOf, restKey } from './records.ts'
import type { RuleSettings } from './rules.ts'
import { reaches } from './rules.ts'

export type AlertSettings = {
  readonly quietHours?: QuietHours | undefined
  readonly digest: false | { readonly at: string; readonly always: boolean }
  readonly rules: RuleSettings
}

export type AlertsOptions = {
  readonly settings: AlertSettings
  readonly channels: readonly Channel[]
  readonly clock: Clock
  readonly log: Log
  /** `alr_…` */
  readonly newId: () => string
  /** The warnings that are active now. */
  readonly warnings: () => readonly StandingWarning[]
  /** False while the subject of an alert cannot be looked at, or is not well yet. */
  readonly mayEnd: (alert: Ending) => boolean
  /** `endedMs`: of its end, wall clock. */
  readonly wordsOf: (alert: Pick<Alert, 'code' | 'rule' | 'subject' | 'sinceMs'>, endedMs?: number) => AlertWords
  readonly shop: () => Shop
  readonly digestFacts: () => DigestFacts
  /** When the agent began its work here: wall clock; undefined before that. */
  readonly begunMs: number | undefined
  /** Journals records; resolves when they are durable. */
  readonly append: (records: readonly AlertRecord[]) => Promise<void>
  /** Called at each point between an alert and its delivery; crash tests end the process there. */
  readonly fault?: ((point: string) => void) | undefined
}

export type ChannelView = {
  readonly id: string
  readonly kind: Channel['kind']
  readonly address: string
  readonly waiting: number
  readonly last_delivery: { readonly at: string; readonly type: string } | null
  readonly last_error: { readonly at: string; readonly code: string; readonly message: string } | null
}

const TICK_MS = 1_000
/** A look every other tick. */
const LOOK_TICKS = 2
const UNDELIVERED_MS = 24 * 3_600_000
const ALIVE_MS = 15 * 60_000
const STOP_MS = 1_000
/** Certificates are not valid by a clock that is wrong, and a server may refuse the time of a message. */
const CLOCK_WRONG = 'clock_implausible'

/** Raises alerts from active warnings, and sends them by the channels. */
export class Alerts {
  readonly #options: AlertsOptions
  readonly #log: AlertLog
  readonly #open: OpenAlerts
  readonly #queues: readonly ChannelQueue[]
  readonly #digests: Digests
  /** One for each channel that takes changes of duties. */
  readonly #duties: ReadonlyMap<ChannelQueue, DutyMessages>
  readonly #stopping = new AbortController()
  #isClockWrong = false
  #ticks = 0
  readonly #aliveAt = new Map<string, number>()
  #stop = (): unknown => undefined

  constructor(options: AlertsOptions, former: FormerState) {
    const { clock, settings, newId, append, channels } = options
    this.#options = options
    this.#log = new AlertLog({ clock, append })
    const moment = { wallMs: clock.now(), monoMs: monoMs(clock) }
    const kept = former.alerts.filter(
      ({ resolvedAtMs: at }) => at === undefined || moment.wallMs - at < ABANDONED_AFTER_MS,
    )
    const mayEnd = (alert: Ending): boolean => this.#mayEnd(alert)
    this.#open = new OpenAlerts({ rules: settings.rules, newId, mayEnd }, kept, moment)
    this.#queues = channels.map((channel) => this.#queueOf(channel, kept, former))
    this.#digests = new Digests(settings.digest, channels, { ...former, begunMs: options.begunMs })
    const takers = this.#queues.filter(({ channel }) => channel.takes('duty.changed'))
    this.#duties = new Map(takers.map((queue) => [queue, new DutyMessages(former.duties.get(queue.channel.id))]))
    for (const alert of kept) this.#restore(alert, moment.wallMs)
  }

  start(): void {
    if (this.#options.channels.length > 0) this.#stop = every(this.#options.clock, TICK_MS, () => this.#tick())
  }

  /** A running delivery has a second to end. */
  async stop(): Promise<void> {
    this.#stop()
    const sending = this.#queues.map((queue) => queue.settled())
    await within(this.#options.clock, STOP_MS, Promise.all(sending))
    this.#stopping.abort()
  }

  /** The open alerts, the oldest first. */
  open(): readonly AlertNotice[] {
    return this.#open.all().map((alert) => this.#noticeOf({ type: 'alert.raised', alert, atMs: alert.raisedAtMs }))
  }

  channels(): readonly ChannelView[] {
    return this.#queues.map((queue) => {
      const { channel, last, lastFailure: failure } = queue
      const { id, kind, address } = channel
      return {
        ...{ id, kind, address, waiting: this.#waitingFor(queue) },
        last_delivery: last === undefined ? null : { at: rfc3339(last.atMs), type: last.type },
        last_error:
          failure === undefined ? null : { at: rfc3339(failure.atMs), code: failure.code, message: failure.message },
      }
    })
  }

  /** Sends a change of a duty, unless the channel has taken it. */
  tellDuty(change: DutyChange): void {
    const { clock } = this.#options
    const now = { wallMs: clock.now(), monoMs: monoMs(clock) }
    for (const duties of this.#duties.values()) duties.add(change, now)
  }

  /** The channels that took nothing for a day although something waited. */
  undelivered(): string[] {
    return this.#queues.filter((queue) => queue.failingMs() >= UNDELIVERED_MS).map(({ channel }) => channel.id)
  }

  /** A channel that was dead is not well before it has taken something, or has nothing to take. */
  #mayEnd(alert: Ending): boolean {
    const { rule, subject } = alert
    const queue = this.#queues.find(({ channel }) => rule === 'alert_delivery' && channel.id === subject.about)
    if (queue !== undefined && this.#waitingFor(queue) > 0 && !queue.hasTaken) return false
    return this.#options.mayEnd(alert)
  }

  #waitingFor(queue: ChannelQueue): number {
    return queue.waiting + (this.#duties.get(queue)?.size ?? 0)
  }

  #tick(): void {
    this.#log.retry()
    if (this.#ticks % LOOK_TICKS === 0) this.#look()
    this.#ticks += 1
    for (const queue of this.#queues) queue.tick()
    this.#sendDigests()
    this.#sendAlive()
    this.#sendDuties()
  }

  #look(): void {
    const { clock, warnings } = this.#options
    const active = warnings()
    this.#isClockWrong = active.some(({ code }) => code === CLOCK_WRONG)
    const happened = this.#open.look(active, { wallMs: clock.now(), monoMs: monoMs(clock) })
    if (happened.length > 0) void this.#tell(happened)
  }

  /** Journal first: after a crash the message leaves again under the same id. */
  async #tell(happened: readonly Happening[]): Promise<void> {
    const { fault, settings, log } = this.#options
    fault?.('alert.before-record')
    await this.#log.record(happened.flatMap((one) => recordOf(one, rfc3339(one.alert.sinceMs))))
    fault?.('alert.recorded')
    for (const one of happened) {
      const { type, alert } = one
      log.info({ type, code: alert.code, subject: subjectName(alert.subject) }, 'alert')
      for (const queue of this.#queues)
        if (queue.channel.takes(type) && reaches(settings.rules, alert, queue.channel.id)) queue.add(one)
    }
  }

  #queueOf(channel: Channel, kept: readonly Former[], { deliveries, failing }: FormerState): ChannelQueue {
    const { clock, log, fault } = this.#options
    const { id: target } = channel
    const notified = kept.filter(({ notified }) => notified.has(target)).map(({ alert }) => alert.id)
    const options: ConstructorParameters<typeof ChannelQueue>[0] = {
      channel,
      deliver: async (batch) => {
        fault?.('alert.before-send')
        const receipt = await channel.send(this.#messageOf(batch), this.#stopping.signal, batch.only)
        fault?.('alert.sent')
        return receipt
      },
      record: (records) => void this.#log.record(records).then(() => fault?.('alert.delivery-recorded')),
      isHeldBack: ({ alert }) =>
        alert.severity === 'warning' && isQuiet(this.#options.settings.quietHours, clock.now()),
      isClockWrong: () => this.#isClockWrong,
      nowMs: () => clock.now(),
      monoMs: () => monoMs(clock),
      onFailure: ({ code, message }, isFirst) => {
        const isFinal = code === 'recipient_refused'
        const words = isFinal ? 'a recipient of alerts was refused' : 'alerts could not be sent; the agent tries again'
        if (isFirst) log.warn({ target, code, message }, words)
      },
      onRecovery: () => log.info({ target }, 'alerts are sent again'),
      onAbandoned: (items) =>
        log.warn({ target, count: items.length }, 'alerts are dropped: the channel took none for three days'),
    }
    const droppedMs = failing.get(target)
    const failingMs = droppedMs === undefined ? undefined : ABANDONED_AFTER_MS + Math.max(0, clock.now() - droppedMs)
    return new ChannelQueue(options, { last: deliveries.get(target), failingMs, notified })
  }

  /** Messages that were not sent before the start are sent now, under the same id. */
  #restore({ alert, resolvedAtMs, done, waiting, notified }: Former, wallMs: number): void {
    const { rules } = this.#options.settings
    for (const queue of this.#queues) {
      const { id, takes } = queue.channel
      if (!reaches(rules, alert, id)) continue
      const isDone = (type: string): boolean => done.get(id)?.has(type) === true
      const add = (type: Happening['type'], atMs: number): void => {
        const only = waiting.get(restKey({ channel: id, type }))
        if (takes(type) && !isDone(type)) queue.restore({ type, alert, atMs }, Math.max(0, wallMs - atMs), only)
      }
      if (resolvedAtMs === undefined) add('alert.raised', alert.raisedAtMs)
      else if (notified.has(id) || isDone('alert.raised') || !takes('alert.raised')) add('alert.resolved', resolvedAtMs)
    }
  }

  #messageOf({ items, isSummary }: Batch): Message {
    const [first] = items
    if (first === undefined) throw new Error('a message without an alert')
    const alerts = items.map((item) => this.#noticeOf(item))
    const id = messageId(first.type, first.alert)
    if (isSummary) return { ...this.#message(`${id}-summary`, 'alert.digest', alerts), atMs: first.atMs }
    const isFirst = first.type === 'alert.raised' && first.alert.raises === 1
    const shop = alerts[0]?.shop ?? this.#options.shop()
    const message = { ...this.#message(id, first.type, alerts), atMs: first.atMs, shop }
    return isFirst ? message : { ...message, answers: first.alert.id }
  }

  #noticeOf({ type, alert, atMs }: Item): AlertNotice {
    const { id, rule, severity, sinceMs, subject } = alert
    const ended = type === 'alert.resolved' && { endedAtMs: atMs }
    const words = this.#options.wordsOf(alert, ended ? atMs : undefined)
    return { ...words, type, id, rule, severity, sinceMs, ...ended, subject }
  }

  #message(id: string, type: MessageType, alerts: readonly AlertNotice[]): Message {
    const { clock, shop } = this.#options
    return { id, type, atMs: clock.now(), shop: shop(), open: this.#open.all().length, alerts }
  }

  #sendDigests(): void {
    const { clock, digestFacts } = this.#options
    for (const { channel, id, only } of this.#digests.due(clock.now(), monoMs(clock))) {
      const queue = this.#queues.find((one) => one.channel === channel)
      if (queue === undefined || queue.isSending) continue
      const digest = digestFacts()
      const message = { ...this.#message(id, 'alert.digest', this.open()), digest }
      if (only === undefined && this.#digests.isEmpty(message, digest)) this.#digests.skip(channel)
      else
        queue.sendOther('alert.digest', async () => {
          const { attempt, partly } = await this.#digests.send(channel, message, this.#stopping.signal, monoMs(clock))
          const waiting = partly !== undefined && partly.later.length > 0 && { waiting: partly.later }
          const facts = { type: 'alert.digest', channel: channel.id, attempt, ...waiting }
          void this.#log.record([{ kind: 'alert.sent', op: id, facts }])
          return partly
        })
    }
  }

  /** One call for each change: they are for programs, and do not count as messages for a person. */
  #sendDuties(): void {
    const now = monoMs(this.#options.clock)
    for (const [queue, duties] of this.#duties) {
      if (queue.isSending) continue
      this.#dropDuties(queue.channel, duties.drop(now))
      const change = duties.next(now)
      if (change === undefined) continue
      queue.sendOther('duty.changed', async () => {
        const { clock } = this.#options
        const { channel } = queue
        const id = dutyMessageId(change)
        const message = { ...this.#message(id, 'duty.changed', []), atMs: change.atMs, duty: change.duty }
        const act = (): Promise<unknown> => channel.send(message, this.#stopping.signal)
        const attempt = await duties.send(change, act, () => monoMs(clock))
        const facts = { type: 'duty.changed', channel: channel.id, attempt }
        void this.#log.record([{ kind: 'alert.sent', op: id, facts }])
        return undefined
      })
    }
  }

  #dropDuties({ id: target }: Channel, dropped: ReturnType<DutyMessages['drop']>): void {
    if (dropped.length === 0) return
    const records = dropped.map((change) => {
      const facts = { type: 'duty.changed', channel: target, reason: 'undelivered', attempt: change.attempts } as const
      return { kind: 'alert.abandoned', op: dutyMessageId(change), facts } as const
    })
    void this.#log.record(records)
    const words = 'changes of duties are dropped: the channel took none for three days'
    this.#options.log.warn({ target, count: dropped.length }, words)
  }

  /** Not tried again: the next one comes. A machine that is dead sends none, and somebody misses it. */
  #sendAlive(): void {
    const now = monoMs(this.#options.clock)
    for (const queue of this.#queues) {
      const { channel } = queue
      const isDue = now - (this.#aliveAt.get(channel.id) ?? Number.NEGATIVE_INFINITY) >= ALIVE_MS
      if (!isDue || queue.isSending || !channel.takes('agent.alive')) continue
      this.#aliveAt.set(channel.id, now)
      const message = this.#message(`alive-${this.#options.newId()}`, 'agent.alive', [])
      queue.sendOther('agent.alive', async () => (await channel.send(message, this.#stopping.signal)).partly)
    }
  }
}
