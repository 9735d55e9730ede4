import type { StoredParts } from '../../journal/documents/document.ts'
import type { Sold } from '../../journal/documents/own.ts'
import { sold } from '../../journal/documents/own.ts'
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

/** A document as this law reads it: the answered members, the agent's part (`own`) and the law's state (`law`). */
export type JournalledDocument = LawDocument & { readonly own: Sold; readonly law: Members }

export function journalledDocument({ shown, own, law }: StoredParts): JournalledDocument {
  return { ...(shown as LawDocument), own: sold(own), law }
}
