import Database from 'better-sqlite3'
import { headSeq, storedHashes } from './event-table.ts'
import { JournalMissingError, readJournal } from './reader.ts'

/** Relation of the present journal to a restored one: `older` if the restored one contains all of it. */
type Relation = 'older' | 'newer' | 'other' | 'damaged'

/** Errors of a full disk or of a busy database: no evidence against the journal. */
const PASSING = /^SQLITE_(CANTOPEN|FULL|BUSY)/

/**
 * Compares the hashes of the last events, which cover all events before them. Throws the reason if the present journal
 * cannot be read.
 */
export function compareHeads(
  directory: string,
  restoredDirectory: string,
): { relation: Relation; present: number; restored: number } {
  const restored = readJournal(restoredDirectory, (db) => ({ head: headSeq(db), hash: storedHashes(db)(headSeq(db)) }))
  try {
    return readJournal(directory, (db) => {
      const present = headSeq(db)
      const hashAt = storedHashes(db)
      const counts = { present, restored: restored.head }
      if (present === 0) return { relation: 'older', ...counts }
      if (present > restored.head)
        return { relation: hashAt(restored.head)?.equals(restored.hash ?? NONE) ? 'newer' : 'other', ...counts }
      const own = hashAt(present) ?? NONE
      const there = readJournal(restoredDirectory, (other) => storedHashes(other)(present))
      return { relation: there?.equals(own) ? 'older' : 'other', ...counts }
    })
  } catch (error) {
    // A first start that was interrupted leaves the file without a table.
    if (error instanceof JournalMissingError) return { relation: 'older', present: 0, restored: restored.head }
    if (!(error instanceof Database.SqliteError) || PASSING.test(error.code)) throw error
    return { relation: 'damaged', present: 0, restored: restored.head }
  }
}

const NONE = Buffer.alloc(0)
