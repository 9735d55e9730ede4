import { rfc3339 } from '../base/clock.ts'
import type { AgentIdentity, AlertNotice, Message } from './message.ts'
import { named } from './message.ts'

const SECOND_LENGTH = 'YYYY-MM-DDThh:mm:ss'.length

/** The JSON of a message. It has neither details of devices nor anything of a sale. */
export function webhookBody(message: Message, agent: AgentIdentity): object {
  const { type, atMs } = message
  return { type, timestamp: second(atMs), data: dataOf(message, agent) }
}

function dataOf(message: Message, agent: AgentIdentity): object {
  const { id, type, shop, open, alerts, digest, duty } = message
  if (duty !== undefined) return duty
  const around = { agent, shop, open }
  const [first] = alerts
  if (type === 'alert.digest') return { id, alerts: alerts.map(listed), ...(digest && digestOf(digest)), ...around }
  return first === undefined ? { id, ...around } : { ...facts(first), ...around, shop: first.shop }
}

function facts({ id, rule, severity, sinceMs, subject, name, message, remedy }: AlertNotice): object {
  return { id, rule, severity, since: second(sinceMs), subject, message: named(name, message), remedy }
}

function listed(alert: AlertNotice): object {
  return { type: alert.type, ...facts(alert) }
}

function digestOf({ duties, unsignedReceipts, backup, sync }: NonNullable<Message['digest']>): object {
  return {
    duties,
    unsigned_receipts: unsignedReceipts,
    backup: { created_at: backup.madeAt, overdue: backup.isOverdue },
    sync: sync.map(({ target, state }) => ({ target, state })),
  }
}

function second(ms: number): string {
  return `${rfc3339(ms).slice(0, SECOND_LENGTH)}Z`
}
