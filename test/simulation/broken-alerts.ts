import Database from 'better-sqlite3'
import { journalPath } from '../../agent/journal/journal-file.ts'
import type { Subject } from '../../alerts/alert.ts'
import { placeOf } from '../../alerts/alert.ts'
import type { AlertLine } from './alert-line.ts'

type Facts = { rule?: string; subject?: Subject; type?: string }
type AlertEvent = { kind: string; op: string; facts: Facts }
type Received = AlertLine['received']

/**
 * The broken rules of alerts, in words: each message is sent or abandoned, what was sent has arrived, nothing was open
 * twice or came under two ids. `takesAll`: the journal took everything.
 */
export function brokenAlerts(folder: string, { received }: AlertLine, takesAll: boolean): string[] {
  const events = alertEvents(folder)
  const ops = new Set(events.map(({ op }) => op))
  return [
    ...openTwice(events),
    ...[...ops].flatMap((op) =>
      badlySent(
        events.filter((event) => event.op === op),
        op,
        received,
      ),
    ),
    ...(takesAll ? notJournalled(ops, received) : []),
  ]
}

function openTwice(events: readonly AlertEvent[]): string[] {
  const openAt = new Map<string, string>()
  return events.flatMap(({ kind, op, facts: { rule = '', subject = {} } }) => {
    const place = placeOf({ rule, subject })
    const other = openAt.get(place)
    if (kind === 'alert.resolved') openAt.delete(place)
    if (kind !== 'alert.raised') return []
    openAt.set(place, op)
    return other === undefined || other === op ? [] : [`${op} was raised while ${other} was open`]
  })
}

/** Of one alert: its end makes no message if its raising never left. */
function badlySent(events: readonly AlertEvent[], op: string, received: Received): string[] {
  return (['alert.raised', 'alert.resolved'] as const).flatMap((type) => {
    const count = events.filter(({ kind }) => kind === type).length
    if (count === 0) return []
    const ends = events.filter(({ facts }) => facts.type === type).map(({ kind }) => kind)
    const messages = [...received.values()].filter(({ message: { alerts } }) =>
      alerts.some((alert) => alert.id === op && alert.type === type),
    )
    const ids = messages.filter(({ message }) => message.type === type).length
    return [
      ...(ends.length === 0 ? [`${type} of ${op} is neither sent nor abandoned`] : []),
      ...(ends.includes('alert.sent') && messages.length === 0 ? [`${type} of ${op} was sent and did not arrive`] : []),
      ...(ids > count ? [`${type} of ${op} came under ${ids} ids`] : []),
    ]
  })
}

function notJournalled(ops: ReadonlySet<string>, received: Received): string[] {
  return [...received].flatMap(([id, { message }]) =>
    message.alerts.flatMap((alert) => (ops.has(alert.id) ? [] : [`${id} is about ${alert.id}, not journalled`])),
  )
}

function alertEvents(folder: string): AlertEvent[] {
  const db = new Database(journalPath(folder), { readonly: true })
  try {
    const all = "SELECT kind, op, body FROM event WHERE kind LIKE 'alert.%' ORDER BY seq"
    const rows = db.prepare<[], { kind: string; op: string; body: string }>(all).all()
    return rows.map(({ kind, op, body }) => ({ kind, op, facts: (JSON.parse(body) as { facts: Facts }).facts }))
  } finally {
    db.close()
  }
}
