import { stateNow } from './books/state-record.ts'
import { damageOf, JournalDamagedError } from './damage.ts'
import { sessionOf } from './documents/document.ts'
import { headSeq, rightBegins } from './event-table.ts'
import type { SessionSales } from './events.ts'
import { JournalMissingError, readJournal } from './reader.ts'

/** `openedMs`: by a clock that was right; undefined if no event since then has such a time. */
export type OpenSession = SessionSales & { readonly register: string; readonly openedMs: number | undefined }

/** Sessions that are not closed, by the events; none of a missing or damaged journal. Throws I/O errors. */
export function openSessions(directory: string): OpenSession[] {
  try {
    return readJournal(directory, (db) => {
      if (headSeq(db) === 0) return []
      const rightBegin = rightBegins(db)
      return Array.from(stateNow(db).sessions(), ({ id, doc, register, seq, bons, gross }) => {
        return { register, bons, gross, openedMs: rightBegin(seq, sessionOf(id, doc).shown.opened_at) }
      })
    })
  } catch (error) {
    if (error instanceof JournalMissingError || damageOf(error) instanceof JournalDamagedError) return []
    throw error
  }
}
