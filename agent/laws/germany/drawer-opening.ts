import { parseRfc3339 } from '../../../base/clock.ts'
import type { JournalledDocument } from './journalled-document.ts'

/** BON_NAME, and the beginning of its processData. */
export const DRAWER_OPENING = 'Kassenladenöffnung'
/** Short enough for every TSE. */
const REASON_MAX = 200

/** True for an unattended opening of the cash drawer, which the shop wants signed and exported (AVSonstige). */
export function isDrawerOpening({ object }: Pick<JournalledDocument, 'object'>): boolean {
  return object === 'cash_drawer_opening'
}

/** When the drawer opened by the till's clock, milliseconds since 1970; undefined for every other document. */
export function occurredMsOf(document: Pick<JournalledDocument, 'object' | 'occurred_at'>): number | undefined {
  return isDrawerOpening(document) ? parseRfc3339(document.occurred_at ?? '') : undefined
}

/** processData of `SonstigerVorgang`: free, readable text. The note is not included. */
export function openingData({ reason }: Pick<JournalledDocument, 'reason'>): string {
  const text = (reason ?? '').replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trim()
  return text === '' ? DRAWER_OPENING : `${DRAWER_OPENING}: ${[...text].slice(0, REASON_MAX).join('')}`
}
