import { parseRfc3339 } from '../../../base/clock.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'

/** BON_NAME, and the beginning of its processData. */
export const DRAWER_OPENING = 'Kassenladenöffnung'
/** Short enough for every TSE. */
const REASON_MAX = 200

/** When the drawer opened by the till's clock, milliseconds since 1970; undefined for every other document. */
export function occurredMsOf(document: RecordedDocument): number | undefined {
  return document.kind === 'drawer_opening' ? parseRfc3339(document.shown.occurred_at) : undefined
}

/**
 * processData of an unattended opening of the cash drawer, which the shop wants signed and exported (AVSonstige): free,
 * readable text. The note is not included.
 */
export function openingData({ shown: { reason } }: DocumentOf<'drawer_opening'>): string {
  const text = (reason ?? '').replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trim()
  return text === '' ? DRAWER_OPENING : `${DRAWER_OPENING}: ${[...text].slice(0, REASON_MAX).join('')}`
}
