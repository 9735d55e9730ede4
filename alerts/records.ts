import type { Alert, AlertType, Happening, Severity, Subject } from './alert.ts'
import type { FormerAlert } from './open-alerts.ts'
import { isRuleName } from './rules.ts'

/** An alert as the journal stores it: no sentence, because words change. */
export type AlertFacts = {
  readonly rule: string
  readonly subject: Subject
  readonly severity: Severity
  /** RFC 3339. */
  readonly since: string
  /** The code of the warning. */
  readonly code: string
}

/** A message that reached a channel, or never will. */
export type DeliveryFacts = { readonly type: string; readonly channel: string; readonly attempt: number }
/** `waiting`: the recipients that the message has not reached yet, as their channel names them. */
export type SentFacts = DeliveryFacts & { readonly waiting?: readonly string[] }
export type AbandonedFacts = DeliveryFacts & { readonly reason: AbandonReason }
/** `resolved`: the alert ended before a message was sent; `undelivered`: the channel took nothing for three days. */
export type AbandonReason = 'resolved' | 'undelivered'

/** An event of an alert, before the journal gives it its place; `op` is the alert. */
export type AlertRecord =
  | { readonly kind: 'alert.raised' | 'alert.resolved'; readonly op: string; readonly facts: AlertFacts }
  | { readonly kind: 'alert.sent'; readonly op: string; readonly facts: SentFacts }
  | { readonly kind: 'alert.abandoned'; readonly op: string; readonly facts: AbandonedFacts }

type AnyFacts = AlertFacts & SentFacts & AbandonedFacts
type StoredFacts = {
  readonly [Member in keyof AnyFacts]?: AnyFacts[Member] | undefined
}

/** An event as it comes out of the journal: another program may have written fewer facts. */
export type StoredRecord = {
  readonly kind: string
  readonly op: string
  readonly atMs: number
  readonly facts: StoredFacts
  readonly sinceMs: number
}

/** The record of a happening; none for an alert that comes and goes: its ends are recorded. */
export function recordOf({ type, alert }: Happening, since: string): AlertRecord[] {
  if (type === 'alert.flapping') return []
  const { id: op, rule, subject, severity, code } = alert
  return [{ kind: type, op, facts: { rule, subject, severity, since, code } }]
}

/** The digest of a day has the same id on each start. */
export const DIGEST_PREFIX = 'alr_digest-'

/** Before the number of the newest event of a duty. */
export const DUTY_PREFIX = 'alr_duty-'

/** The alerts before a start. */
export type FormerState = {
  readonly alerts: readonly Former[]
  /** Channel → the date of its last digest. */
  readonly digests: ReadonlyMap<string, string>
  /** Channel → the digest that some of its recipients did not get yet. */
  readonly restDigests: ReadonlyMap<string, RestDigest>
  /** Channel → the messages about duties that it took, or that were dropped. */
  readonly duties: ReadonlyMap<string, ReadonlySet<string>>
  /** Channel → when it last took a message. */
  readonly deliveries: ReadonlyMap<string, { readonly type: string; readonly atMs: number }>
  /** Channel → when a message was last dropped because it took none; missing if it has taken one since. */
  readonly failing: ReadonlyMap<string, number>
}

export type RestDigest = { readonly id: string; readonly only: readonly string[] }

export type Former = FormerAlert & {
  /** The messages that each channel took or never will, since the alert was last raised. */
  readonly done: ReadonlyMap<string, ReadonlySet<string>>
  /** The recipients that a message has not reached yet, by {@link restKey}. */
  readonly waiting: ReadonlyMap<string, readonly string[]>
  /** The channels that have taken its first message. */
  readonly notified: ReadonlySet<string>
}

type Folded = {
  alert?: Alert
  resolvedAtMs?: number
  done: Map<string, Set<string>>
  waiting: Map<string, readonly string[]>
  notified: Set<string>
}

/** Folds the events of all alerts, each alert's in their order. */
export class AlertFold {
  readonly #alerts = new Map<string, Folded>()
  readonly #digests = new Map<string, string>()
  readonly #restDigests = new Map<string, RestDigest>()
  readonly #duties = new Map<string, Set<string>>()
  readonly #deliveries = new Map<string, { type: string; atMs: number }>()
  readonly #dropped = new Map<string, number>()

  add({ kind, op, atMs, facts, sinceMs }: StoredRecord): void {
    const folded: Folded = this.#alerts.get(op) ?? { done: new Map(), waiting: new Map(), notified: new Set() }
    this.#alerts.set(op, folded)
    if (kind === 'alert.raised') raise(folded, op, facts, { atMs, sinceMs })
    else if (kind === 'alert.resolved') folded.resolvedAtMs = atMs
    else if (kind === 'alert.sent' || kind === 'alert.abandoned') this.#delivered(folded, kind, op, atMs, facts)
  }

  state(): FormerState {
    const alerts = [...this.#alerts.values()].flatMap(({ alert, ...more }) =>
      alert === undefined ? [] : [{ alert, ...more }],
    )
    const isFailing = ([channel, atMs]: readonly [string, number]): boolean =>
      atMs > (this.#deliveries.get(channel)?.atMs ?? 0)
    const failing = new Map([...this.#dropped].filter(isFailing))
    const [digests, restDigests, duties, deliveries] = [
      this.#digests,
      this.#restDigests,
      this.#duties,
      this.#deliveries,
    ]
    return { alerts, digests, restDigests, duties, deliveries, failing }
  }

  #delivered(folded: Folded, kind: string, op: string, atMs: number, facts: StoredRecord['facts']): void {
    const { type, channel, reason, waiting: only = [] } = facts
    if (type === undefined || channel === undefined) return
    const hasReachedSome = folded.waiting.delete(restKey({ channel, type }))
    if (only.length > 0) folded.waiting.set(restKey({ channel, type }), only)
    else folded.done.set(channel, (folded.done.get(channel) ?? new Set()).add(type))
    if (op.startsWith(DUTY_PREFIX)) this.#duties.set(channel, (this.#duties.get(channel) ?? new Set()).add(op))
    if (reason === 'undelivered' && !hasReachedSome)
      this.#dropped.set(channel, Math.max(this.#dropped.get(channel) ?? 0, atMs))
    if (kind !== 'alert.sent') return
    if ((this.#deliveries.get(channel)?.atMs ?? 0) <= atMs) this.#deliveries.set(channel, { type, atMs })
    if (type === 'alert.raised') folded.notified.add(channel)
    if (op.startsWith(DIGEST_PREFIX)) this.#digestSent(op, channel, only)
  }

  #digestSent(id: string, channel: string, only: readonly string[]): void {
    const date = id.slice(DIGEST_PREFIX.length)
    if ((this.#digests.get(channel) ?? '') > date) return
    this.#digests.set(channel, date)
    if (only.length > 0) this.#restDigests.set(channel, { id, only })
    else this.#restDigests.delete(channel)
  }
}

/** A message of a channel. */
export function restKey({ channel, type }: Pick<DeliveryFacts, 'channel' | 'type'>): string {
  return `${channel} ${type}`
}

function raise(
  folded: Folded,
  id: string,
  { rule, subject, severity, code }: StoredRecord['facts'],
  { atMs, sinceMs }: { atMs: number; sinceMs: number },
): void {
  if (rule === undefined || !isRuleName(rule) || severity === undefined || code === undefined) return
  const raises = (folded.alert?.raises ?? 0) + 1
  folded.alert = { id, rule, subject: subject ?? {}, severity, code, sinceMs, raises, raisedAtMs: atMs }
  const type = 'alert.raised' satisfies AlertType
  for (const [channel, done] of folded.done) {
    done.delete(type)
    folded.waiting.delete(restKey({ channel, type }))
  }
}
