import { parseRfc3339 } from '../../../../base/clock.ts'
import type { JournalledDocument } from '../journalled-document.ts'

/** A goods movement ends with its completion or void; a document created as completed when it gets its number. */
export function bonEndMs(document: JournalledDocument, numberedMs: number): number {
  const ended = document.voided_at ?? document.completed_at ?? undefined
  const madeCompleted = document.line_items === undefined || document.type === 'void'
  return madeCompleted || ended === undefined ? numberedMs : (parseRfc3339(ended) ?? numberedMs)
}
