import type { Database } from 'better-sqlite3'
import { headSeq, openReadOnly } from './reader.ts'

/** How the present journal stands to a restored one: `older` where all of it is in the restored one. */
type Relation = 'older' | 'newer' | 'other' | 'damaged'

/** Compares by the hashes at the ends, which stand for all before them. */
export function compareHeads(
  directory: string,
  restoredDirectory: string,
): { relation: Relation; present: number; restored: number } {
  const restored = withJournal(restoredDirectory, (db) => ({ head: headSeq(db), hash: hashAt(db, headSeq(db)) }))
  try {
    return withJournal(directory, (db) => {
      const present = headSeq(db)
      const counts = { present, restored: restored.head }
      if (present === 0) return { relation: 'older', ...counts }
      if (present > restored.head)
        return { relation: hashAt(db, restored.head)?.equals(restored.hash ?? NONE) ? 'newer' : 'other', ...counts }
      const own = hashAt(db, present) ?? NONE
      const there = withJournal(restoredDirectory, (other) => hashAt(other, present))
      return { relation: there?.equals(own) ? 'older' : 'other', ...counts }
    })
  } catch {
    return { relation: 'damaged', present: 0, restored: restored.head }
  }
}

const NONE = Buffer.alloc(0)

function hashAt(db: Database, seq: number): Buffer | undefined {
  return db.prepare<[number], { hash: Buffer }>('SELECT hash FROM event WHERE seq = ?').get(seq)?.hash
}

function withJournal<Result>(directory: string, read: (db: Database) => Result): Result {
  const db = openReadOnly(directory)
  try {
    return read(db)
  } finally {
    db.close()
  }
}
