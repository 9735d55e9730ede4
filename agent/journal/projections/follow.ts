import type { Database } from 'better-sqlite3'
import type { EventBody, StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import { portionOf } from '../portion.ts'
import type { Projections } from './projections.ts'

const PORTION = 1000

/** The last event that the tables show. */
export function projectedSeq(db: Database): number {
  return db.prepare<[], { seq: number }>('SELECT seq FROM projected').get()?.seq ?? 0
}

/**
 * Projects the events after a seq into the tables of the same database. Returns the seq of the last one. `look` is
 * called with each.
 */
export function follow(
  db: Database,
  projections: Projections,
  after: number,
  write: boolean,
  look: (event: StoredEvent, body: EventBody) => void = () => undefined,
): number {
  const portion = db.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
  let seq = after
  for (;;) {
    const events = portionOf(portion.iterate(seq, PORTION))
    for (const event of events) {
      const body = bodyOf(event)
      projections.note(event.seq, event.at, { kind: event.kind, op: event.op, body })
      look(event, body)
    }
    if (write) projections.write()
    const last = events.at(-1)
    if (last === undefined) return seq
    seq = last.seq
  }
}
