import type { LawDocument } from '../../journal/documents.ts'
import type { Members } from '../../journal/events.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** A document with this law's own members. `$jws`, its receipt in the Datenerfassungsprotokoll, is read from the event. */
export type JournalledDocument = LawDocument & {
  /** Of a closing that was asked for: what its receipt is, and the month or year that it closes. */
  $receipt_kind?: ReceiptKind
  $period?: string
  /** Units that did not sign it, or what was due before it. */
  $tried?: readonly string[] | null
  /** Over 0,00, and no unit signed: it is in DEP131 alone. */
  $left_out_in_outage?: true
}

export function journalledDocument(document: Members): JournalledDocument {
  return document as JournalledDocument
}
