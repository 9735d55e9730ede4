import type { LawDocument } from '../../journal/documents.ts'
import type { Members } from '../../journal/events.ts'

/** The transaction of a document: the unit that began it, and when (RFC 3339 UTC). */
export type BegunTransaction = {
  device: string
  client: string
  serial: string
  transaction: number
  started_at: string
}

/** A document; stateOf reads this law's own members. */
export type JournalledDocument = LawDocument

export function journalledDocument(document: Members): JournalledDocument {
  return document as JournalledDocument
}
