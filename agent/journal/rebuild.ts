import { join } from 'node:path'
import { JOURNAL_FILE, openDatabase } from './journal.ts'
import { acquireLock } from './lock.ts'
import { journalVersion, MIGRATIONS, resetProjections } from './migrations.ts'
import { replayEvents } from './projections/rebuild.ts'
import { JournalMissingError } from './reader.ts'

/**
 * Drops all projections and makes them anew from the events, in one transaction: they are whole before and after.
 * Throws StateLockedError while the daemon runs, JournalMissingError, JournalVersionError.
 */
export async function rebuildProjections(directory: string): Promise<{ events: number }> {
  const lock = acquireLock(directory)
  try {
    const db = openDatabase(join(directory, JOURNAL_FILE))
    try {
      if (journalVersion(db) < MIGRATIONS.length) throw new JournalMissingError(directory)
      const events = db
        .transaction(() => {
          resetProjections(db)
          return replayEvents(db, db)
        })
        .immediate()
      return { events }
    } finally {
      db.close()
    }
  } finally {
    lock.release()
  }
}
