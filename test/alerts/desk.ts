import type { StandingWarning } from '../../alerts/alert.ts'
import { subjectName } from '../../alerts/alert.ts'
import type { AlertSettings } from '../../alerts/alerts.ts'
import { Alerts } from '../../alerts/alerts.ts'
import type { Channel, DigestFacts, Message, Receipt } from '../../alerts/message.ts'
import { DeliveryError } from '../../alerts/message.ts'
import type { AlertRecord } from '../../alerts/records.ts'
import { AlertFold } from '../../alerts/records.ts'
import { parseRfc3339 } from '../../base/clock.ts'
import { ManualClock } from '../manual-clock.ts'

export const SHOP = { merchant: 'Bäckerei Morgenrot GmbH', location: 'Marktplatz' }
export const QUIET_DIGEST: DigestFacts = {
  duties: [],
  unsignedReceipts: 0,
  backup: { madeAt: null, isOverdue: false },
  sync: [],
}

export type Kept = AlertRecord & { readonly atMs: number }

/** A journal of alerts that can be held, and channels that take what they are sent or fail. */
export class Desk {
  readonly clock: ManualClock
  readonly journal: Kept[] = []
  readonly logged: string[] = []
  warnings: readonly StandingWarning[] = []
  digest: DigestFacts = QUIET_DIGEST
  /** When the agent began its work. */
  begunMs: number | undefined
  /** True if the end of an alert is known. */
  mayEnd = true
  /** While true, the journal takes nothing, and its callers wait. */
  #held: { resolve: () => void; promise: Promise<void> } | undefined
  /** While true, the journal refuses. */
  refuses = false
  #ids = 0
  #alerts: Alerts | undefined

  constructor(startMs = Date.parse('2026-11-25T11:00:00Z')) {
    this.clock = new ManualClock(startMs)
  }

  get alerts(): Alerts {
    if (this.#alerts === undefined) throw new Error('not started')
    return this.#alerts
  }

  get recorded(): string[] {
    return this.journal.map(({ kind, op, facts }) =>
      'channel' in facts
        ? `${kind} ${op} ${facts.type} ${facts.channel} ${facts.attempt}`
        : `${kind} ${op} ${facts.severity}`,
    )
  }

  hold(): void {
    let resolve = (): void => undefined
    const promise = new Promise<void>((settle) => {
      resolve = settle
    })
    this.#held = { promise, resolve: () => resolve() }
  }

  release(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  /** A start: what was only in memory is lost. */
  start(channels: readonly Channel[], settings: Partial<AlertSettings> = {}): Alerts {
    const fold = new AlertFold()
    for (const { kind, op, facts, atMs } of this.journal) {
      const sinceMs = 'since' in facts ? (parseRfc3339(facts.since) ?? 0) : 0
      fold.add({ kind, op, atMs, facts, sinceMs })
    }
    const log = (fields: { code?: unknown }, message: string): void =>
      void this.logged.push(`${message} ${fields.code ?? ''}`)
    this.#alerts = new Alerts(
      {
        settings: { digest: false, rules: {}, ...settings },
        channels,
        clock: this.clock,
        log: { info: log, warn: log, error: log },
        newId: () => `alr_${String(++this.#ids).padStart(4, '0')}`,
        warnings: () => this.warnings,
        mayEnd: () => this.mayEnd,
        wordsOf: ({ code, subject }) => ({
          name: subjectName(subject),
          message: `The warning is ${code}.`,
          remedy: 'Check it.',
          shop: SHOP,
        }),
        shop: () => SHOP,
        digestFacts: () => this.digest,
        begunMs: this.begunMs,
        append: (records) => this.#append(records),
      },
      fold.state(),
    )
    this.#alerts.start()
    return this.#alerts
  }

  async #append(records: readonly AlertRecord[]): Promise<void> {
    await this.#held?.promise
    if (this.refuses) throw new Error('the journal takes nothing')
    this.journal.push(...records.map((record) => ({ ...record, atMs: this.clock.now() })))
  }
}

/** Takes messages, or fails as it is told to. */
export class RecordedChannel implements Channel {
  readonly id: string
  readonly kind: Channel['kind']
  readonly address = 'example'
  readonly groupMs: number
  readonly taken: Message[] = []
  /** The recipients for which each message came; undefined for all. */
  readonly recipients: (readonly string[] | undefined)[] = []
  /** The answers to the next messages; a complete delivery without one. */
  readonly receipts: Receipt[] = []
  readonly tries: number[] = []
  /** Throws what a server's failure throws. */
  fail: () => void = () => undefined
  readonly #clock: ManualClock

  constructor(clock: ManualClock, kind: Channel['kind'] = 'webhook', id: string = kind) {
    this.#clock = clock
    this.kind = kind
    this.id = id
    this.groupMs = kind === 'mail' ? 3_000 : 0
  }

  readonly takes: Channel['takes'] = (type) => type !== 'agent.alive'

  readonly send: Channel['send'] = async (message, _signal, only) => {
    this.tries.push(this.#clock.now())
    this.fail()
    this.taken.push(message)
    this.recipients.push(only)
    return this.receipts.shift() ?? { words: '' }
  }

  readonly probe: Channel['probe'] = async () => 'ok'

  get told(): string[] {
    return this.taken.map(
      ({ type, id, alerts }) => `${type.slice(6)} ${id} ${alerts.map(({ name }) => name).join(',')}`,
    )
  }
}

/** What a delivery failed with. */
export async function failure(sending: Promise<unknown>): Promise<DeliveryError> {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DeliveryError)) throw new Error(`it did not fail as a delivery: ${String(error)}`)
  return error
}

export function deviceDown(device: string, members: Partial<StandingWarning> = {}): StandingWarning {
  return {
    ...{ key: `device_unavailable:${device}`, code: 'device_unavailable', severity: 'alarm', rule: 'devices' },
    ...{ sinceMs: Date.parse('2026-11-25T10:00:00Z'), subject: { device } },
    ...members,
  }
}

/** How a channel fails. */
export function refuse(retryAfterMs?: number): () => void {
  return () => {
    throw new DeliveryError('http_500', 'The server answered 500.', retryAfterMs)
  }
}
