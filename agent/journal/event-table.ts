import type { Database, Statement } from 'better-sqlite3'
import { parseRfc3339 } from '../../base/clock.ts'
import { ZERO_HASH } from './chain.ts'
import type { SoundTimes } from './clock-watch.ts'
import { JournalDamagedError } from './damage.ts'
import type { StoredEvent } from './events.ts'

/** The newest event; 0 for an empty journal. */
export function headSeq(db: Database): number {
  return db.prepare<[], number | null>('SELECT max(seq) FROM event').pluck().get() ?? 0
}

/** True before the first start, and if it was interrupted before the first event: empty, and not damaged. */
export function isUnbegun(db: Database): boolean {
  return headSeq(db) === 0 && db.prepare('SELECT 1 FROM checkpoint').get() === undefined
}

const TEXTS = ['kind', 'op', 'at', 'boot', 'mono', 'body'] as const

/**
 * Returns the events after `after` in their order. A page that was overwritten gives members that are not text, or
 * none, and repeated events: throws JournalDamagedError.
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

/** Parameters seq, seq and number: the events after the first seq up to the second, at most that number. */
export function eventRange(db: Database): Statement<[number, number, number], StoredEvent> {
  return db.prepare('SELECT * FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?')
}

/**
 * A step of the wall clock. It may be undone before anything else is recorded, so its time does not bound later ones.
 */
export const STEPPED = { kind: 'clock.stepped', op: 'clock' } as const
const IS_SOUND = `json_extract(body, '$.clock') IS NOT 'suspect' AND kind <> '${STEPPED.kind}'`

/** The time of the last event from one seq to before another that was written by a clock which was right: that is not marked. */
export function rightTimes(db: Database): (from: number, before: number) => number | undefined {
  const newest = db
    .prepare<[number, number], string>(
      `SELECT at FROM event WHERE seq >= ? AND seq < ? AND ${IS_SOUND} ORDER BY seq DESC LIMIT 1`,
    )
    .pluck()
  return (from, before) => parseRfc3339(newest.get(from, before) ?? '')
}

/**
 * The begin of something that an event recorded: the recorded time, or if the clock of that event was wrong, the first time
 * afterwards that is right.
 */
export function rightBegins(db: Database): (seq: number, recordedAt: string) => number | undefined {
  const oldest = db.prepare<[number], { seq: number; at: string }>(
    `SELECT seq, at FROM event WHERE seq >= ? AND ${IS_SOUND} ORDER BY seq LIMIT 1`,
  )
  return (from, recordedAt) => {
    const { seq, at } = oldest.get(from) ?? { seq: 0, at: '' }
    return parseRfc3339(seq === from ? recordedAt : at)
  }
}

/** Events of a clock that was wrong for weeks. */
const MARKED_MAX = 200_000
/** The newest unmarked events: each start may be up to a minute before the last one. */
const SOUND_LOOKED_AT = 256
/** The machine's word, and that of a person: `EventBody.clock` is `right`. */
export const VOUCHED = { kind: 'clock.confirmed', op: 'clock' } as const
export const CLOCK_TASK = 'clock-'

/**
 * The newest time that a sound clock wrote since a person last confirmed it: while the clock is wrong, a start leaves
 * marked events.
 */
export function soundTimes(db: Database): SoundTimes {
  const vouched = db
    .prepare<[string, string, string, string], number | null>(
      `SELECT max(seq) FROM (
         SELECT max(seq) AS seq FROM event WHERE op = ? AND op <> '' AND kind = ?
         UNION ALL SELECT max(seq) FROM event WHERE op >= ? AND op < ? || char(1114111) AND op <> '' AND kind = 'duty.confirmed')`,
    )
    .pluck()
  const task = `confirmation_${CLOCK_TASK}`
  const vouchedAt = vouched.get(VOUCHED.op, VOUCHED.kind, task, task) ?? 0
  const newest = db.prepare<[number], string | null>(
    `SELECT max(at) FROM (SELECT at FROM event WHERE seq >= ? AND ${IS_SOUND}
       ORDER BY seq DESC LIMIT ${SOUND_LOOKED_AT})`,
  )
  const from = Math.max(vouchedAt, headSeq(db) + 1 - MARKED_MAX)
  return { newestMs: parseRfc3339(newest.pluck().get(from) ?? ''), vouchedAt }
}

/** For a caller that needs the hashes of several events. */
export function storedHashes(db: Database): (seq: number) => Buffer | undefined {
  const hash = db.prepare<[number], unknown>('SELECT hash FROM event WHERE seq = ?').pluck()
  return (seq) => {
    const value = hash.get(seq)
    return isHash(value) ? value : undefined
  }
}

/** Throws JournalDamagedError if there is no such event. */
export function storedHash(db: Database, seq: number): Buffer {
  const hash = storedHashes(db)(seq)
  if (hash === undefined) throw new JournalDamagedError(seq, 'the event is missing')
  return hash
}
