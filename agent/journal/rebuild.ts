import { existsSync } from 'node:fs'
import { placedDamage } from './damaged-place.ts'
import { openProven, rebuild } from './database.ts'
import { acquireLock } from './disk/lock.ts'
import { heldOr } from './disk/storage-error.ts'
import { journalPath } from './journal-file.ts'
import { JournalMissingError, openReadOnly } from './reader.ts'

/**
 * Drops all projections and makes them again from the events, in one transaction: they are whole before and after.
 * Throws StateLockedError while the daemon runs, JournalHeldError, JournalMissingError, `journal_too_new`, and
 * JournalDamagedError, because SQLite would cut a damaged log at the damage.
 */
export async function rebuildProjections(directory: string): Promise<{ events: number }> {
  if (!existsSync(directory)) throw new JournalMissingError(directory)
  const lock = acquireLock(directory)
  try {
    // Refuses a file that is not a journal of this version, before anything is written.
    openReadOnly(directory).close()
    const db = openProven(directory, () => undefined)
    try {
      return { events: rebuild(db) }
    } finally {
      db.close()
    }
  } catch (error) {
    throw heldOr(placedDamage(error, directory), journalPath(directory))
  } finally {
    lock.release()
  }
}
