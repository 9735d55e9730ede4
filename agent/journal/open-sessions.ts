import { stateNow } from './books/state-record.ts'
import { damageOf, JournalDamagedError } from './damage.ts'
import { sessionOf } from './documents/kinds.ts'
import { headSeq } from './event-table.ts'
import type { SessionSales } from './events.ts'
import { JournalMissingError, readJournal } from './reader.ts'

export type OpenSession = SessionSales & { readonly register: string; readonly opened_at: string }

/** Sessions that are not closed, by the events; none of a missing or damaged journal. Throws I/O errors. */
export function openSessions(directory: string): OpenSession[] {
  try {
    return readJournal(directory, (db) => {
      if (headSeq(db) === 0) return []
      return Array.from(stateNow(db).sessions(), (session) => {
        const { register, bons, gross } = session
        return { register, bons, gross, opened_at: sessionOf(session.id, session.doc).shown.opened_at }
      })
    })
  } catch (error) {
    if (error instanceof JournalMissingError || damageOf(error, 1) instanceof JournalDamagedError) return []
    throw error
  }
}
