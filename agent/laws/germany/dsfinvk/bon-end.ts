import { parseRfc3339 } from '../../../../base/clock.ts'
import { isSold, isUnpaid } from '../../../journal/documents/document.ts'
import type { BonDocument } from '../bon-document.ts'

/** A goods movement ends with its completion or void; a document created as completed when it gets its number. */
export function bonEndMs(document: BonDocument, numberedMs: number): number {
  if (!isSold(document) && !isUnpaid(document)) return numberedMs
  return parseRfc3339(document.shown.voided_at ?? document.shown.completed_at ?? '') ?? numberedMs
}
