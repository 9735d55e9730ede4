import type { Database } from 'better-sqlite3'
import { ZERO_HASH } from './chain.ts'
import { chainAt, hashIn, readChains } from './chains.ts'
import { damageOf, JournalDamagedError } from './damage.ts'
import { headSeq, storedHash, whole } from './event-table.ts'
import type { StoredEvent } from './events.ts'

/** Events before the head that are re-hashed at every start, at least since the last checkpoint. */
const TAIL_LIMIT = 1000
const NONE = Buffer.alloc(0)

/**
 * Re-hashes the newest events (≤ 1,000) and compares the newest checkpoint with them. Throws JournalDamagedError naming
 * the first bad one.
 */
export function verifyTail(db: Database): void {
  let expected = 1
  try {
    const head = headSeq(db)
    if (head > 0) {
      const chains = readChains(db)
      expected = Math.max(1, head - TAIL_LIMIT + 1)
      let previous = expected === 1 ? ZERO_HASH : storedHash(db, expected - 1)
      const tail = db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq >= ? ORDER BY seq')
      for (const event of whole(tail.iterate(expected), expected - 1)) {
        if (event.seq !== expected) throw new JournalDamagedError(expected, 'the event is missing')
        if (!hashIn(chainAt(chains, event.seq), previous, event).equals(event.hash))
          throw new JournalDamagedError(event.seq, 'its hash is wrong')
        previous = event.hash
        expected++
      }
    }
    verifyLastCheckpoint(db, head)
  } catch (error) {
    throw damageOf(error, expected)
  }
}

/** A checkpoint after the head proves that events were cut off the end: the rest alone would verify. */
function verifyLastCheckpoint(db: Database, head: number): void {
  const last = db
    .prepare<[], { seq: number; head: Buffer | null }>('SELECT seq, head FROM checkpoint ORDER BY seq DESC LIMIT 1')
    .get()
  if (last === undefined) return
  if (last.seq < 1) throw new JournalDamagedError('table checkpoint', `it names event ${last.seq}`)
  if (last.seq > head) throw new JournalDamagedError(head + 1, `events up to ${last.seq} are missing`)
  if (!storedHash(db, last.seq).equals(last.head ?? NONE))
    throw new JournalDamagedError(last.seq, 'its hash is not the one of the checkpoint')
}
