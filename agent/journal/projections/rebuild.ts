import type { Database } from 'better-sqlite3'
import type { StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import { projector } from './apply.ts'

const PORTION = 1000

/** Applies every event of `from` to the (empty) projection tables of `to`. The two may be the same database. */
export function replayEvents(from: Database, to: Database): number {
  const apply = projector(to)
  const portion = from.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
  let seq = 0
  for (;;) {
    const events = portion.all(seq, PORTION)
    for (const event of events) apply(event.seq, event.at, { kind: event.kind, op: event.op, body: bodyOf(event) })
    const last = events.at(-1)
    if (last === undefined) return seq
    seq = last.seq
  }
}
