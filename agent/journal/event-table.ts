import type { Database, Statement } from 'better-sqlite3'
import { parseRfc3339 } from '../clock.ts'
import { ZERO_HASH } from './chain.ts'
import { JournalDamagedError } from './damage.ts'
import type { StoredEvent } from './events.ts'

/** The newest event; 0 where there is none. */
export function headSeq(db: Database): number {
  return db.prepare<[], number | null>('SELECT max(seq) FROM event').pluck().get() ?? 0
}

/** The first start was interrupted before the first event, or is not there yet: nothing is there, and nothing wrong. */
export function isUnbegun(db: Database): boolean {
  return headSeq(db) === 0 && db.prepare('SELECT 1 FROM checkpoint').get() === undefined
}

const TEXTS = ['kind', 'op', 'at', 'boot', 'mono', 'body'] as const

/**
 * Hands on the events behind `after` in their order. A page that was overwritten gives members that are no text, or none,
 * and events that were given already: throws JournalDamagedError.
 */
export function* whole(events: Iterable<StoredEvent>, after: number): Generator<StoredEvent> {
  let last = after
  for (const event of events) {
    if (!(event.seq > last && TEXTS.every((name) => typeof event[name] === 'string') && isHash(event.hash)))
      throw new JournalDamagedError(last + 1, 'the event cannot be read')
    last = event.seq
    yield event
  }
}

function isHash(value: unknown): value is Buffer {
  return Buffer.isBuffer(value) && value.length === ZERO_HASH.length
}

/** Asked with seq, seq and number: the events behind the first up to the second, at most so many. */
export function eventRange(db: Database): Statement<[number, number, number], StoredEvent> {
  return db.prepare('SELECT * FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?')
}

/** The time of the last event from one seq to before another that was written by a clock which was right: that is not marked. */
export function rightTimes(db: Database): (from: number, before: number) => number | undefined {
  const newest = db
    .prepare<[number, number], string>(
      "SELECT at FROM event WHERE seq >= ? AND seq < ? AND json_extract(body, '$.clock') IS NOT 'suspect' ORDER BY seq DESC LIMIT 1",
    )
    .pluck()
  return (from, before) => parseRfc3339(newest.get(from, before) ?? '')
}

/** For who asks for the hashes of several events. */
export function storedHashes(db: Database): (seq: number) => Buffer | undefined {
  const hash = db.prepare<[number], unknown>('SELECT hash FROM event WHERE seq = ?').pluck()
  return (seq) => {
    const found = hash.get(seq)
    return isHash(found) ? found : undefined
  }
}

/** Throws JournalDamagedError where there is no such event. */
export function storedHash(db: Database, seq: number): Buffer {
  const hash = storedHashes(db)(seq)
  if (hash === undefined) throw new JournalDamagedError(seq, 'the event is missing')
  return hash
}
