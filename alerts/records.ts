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
export type AbandonedFacts = DeliveryFacts & { readonly reason: AbandonReason }
/** `resolved`: the alert ended before a message was sent; `undelivered`: the channel took nothing for three days. */
export type AbandonReason = 'resolved' | 'undelivered'

/** An event of an alert, before the journal gives it its place; `op` is the alert. */
export type AlertRecord =
  | { readonly kind: 'alert.raised' | 'alert.resolved'; readonly op: string; readonly facts: AlertFacts }
  | { readonly kind: 'alert.sent'; readonly op: string; readonly facts: DeliveryFacts }
  | { readonly kind: 'alert.abandoned'; readonly op: string; readonly facts: AbandonedFacts }

type StoredFacts = {
  readonly [Member in keyof (AlertFacts & AbandonedFacts)]?: (AlertFacts & AbandonedFacts)[Member] | undefined
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
  /** Channel → the messages about duties that it took, or that were dropped. */
  readonly duties: ReadonlyMap<string, ReadonlySet<string>>
  /** Channel → when it last took a message. */
  readonly deliveries: ReadonlyMap<string, { readonly type: string; readonly atMs: number }>
  /** Channel → when a message was last dropped because it took none; missing if it has taken one since. */
  readonly failing: ReadonlyMap<string, number>
}

export type Former = FormerAlert & {
  /** The messages that each channel took or never will, since the alert was last raised. */
  readonly done: ReadonlyMap<string, ReadonlySet<string>>
  /** The channels that have taken its first message. */
  readonly notified: ReadonlySet<string>
}

type Folded = {
  alert?: Alert
  resolvedAtMs?: number
  done: Map<string, Set<string>>
  notified: Set<string>
}

/** Folds the events of all alerts, each alert's in their order. */
export class AlertFold {
  readonly #alerts = new Map<string, Folded>()
  readonly #digests = new Map<string, string>()
  readonly #duties = new Map<string, Set<string>>()
  readonly #deliveries = new Map<string, { type: string; atMs: number }>()
  readonly #dropped = new Map<string, number>()

  add({ kind, op, atMs, facts, sinceMs }: StoredRecord): void {
    const folded: Folded = this.#alerts.get(op) ?? { done: new Map(), notified: new Set() }
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
    return { alerts, digests: this.#digests, duties: this.#duties, deliveries: this.#deliveries, failing }
  }

  #delivered(folded: Folded, kind: string, op: string, atMs: number, facts: StoredRecord['facts']): void {
    const { type, channel, reason } = facts
    if (type === undefined || channel === undefined) return
    const done = folded.done.get(channel) ?? new Set()
    folded.done.set(channel, done.add(type))
    if (op.startsWith(DUTY_PREFIX)) this.#duties.set(channel, (this.#duties.get(channel) ?? new Set()).add(op))
    if (reason === 'undelivered') this.#dropped.set(channel, Math.max(this.#dropped.get(channel) ?? 0, atMs))
    if (kind !== 'alert.sent') return
    if ((this.#deliveries.get(channel)?.atMs ?? 0) <= atMs) this.#deliveries.set(channel, { type, atMs })
    if (type === 'alert.raised') folded.notified.add(channel)
    if (!op.startsWith(DIGEST_PREFIX)) return
    const date = op.slice(DIGEST_PREFIX.length)
    if ((this.#digests.get(channel) ?? '') < date) this.#digests.set(channel, date)
  }
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
  for (const done of folded.done.values()) done.delete('alert.raised' satisfies AlertType)
}
