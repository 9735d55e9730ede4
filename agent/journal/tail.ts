import type { Database } from 'better-sqlite3'
import { chainHash, ZERO_HASH } from './chain.ts'
import type { StoredEvent } from './events.ts'

/** Events before the head that are re-hashed at every start, at least since the last checkpoint. */
const TAIL_LIMIT = 1000

export class JournalDamagedError extends Error {
  override readonly name = 'JournalDamagedError'
  readonly code = 'journal_damaged'
  readonly seq: number

  constructor(seq: number, what: string) {
    super(`The journal is damaged at seq ${seq}: ${what}. Do not sell; keep the disk and restore the last backup.`)
    this.seq = seq
  }
}

/** Re-hashes the newest events (≤ 1,000). Throws JournalDamagedError naming the first bad one. */
export function verifyTail(db: Database, chainId: Buffer): void {
  const head = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM event').get()?.seq ?? 0
  const first = Math.max(1, head - TAIL_LIMIT + 1)
  let previous: Uint8Array = ZERO_HASH
  if (first > 1) {
    const before = db.prepare<[number], { hash: Buffer }>('SELECT hash FROM event WHERE seq = ?').get(first - 1)
    if (before === undefined) throw new JournalDamagedError(first - 1, 'the event is missing')
    previous = before.hash
  }
  let expected = first
  for (const event of db
    .prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq >= ? ORDER BY seq')
    .iterate(first)) {
    if (event.seq !== expected) throw new JournalDamagedError(expected, 'the event is missing')
    if (!chainHash(chainId, event.seq, previous, event).equals(event.hash))
      throw new JournalDamagedError(event.seq, 'its hash is wrong')
    previous = event.hash
    expected++
  }
}
