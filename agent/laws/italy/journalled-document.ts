import type { LawDocument } from '../../journal/documents.ts'
import type { Members } from '../../journal/events.ts'

/** A document with this law's own members; what a printer prints of it is an `RtDocument`. */
export type JournalledDocument = LawDocument &
  Members & {
    $closing?: boolean
  }

export function journalledDocument(document: Members): JournalledDocument {
  return document as JournalledDocument
}
