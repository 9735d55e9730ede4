import type { Members } from '../../journal/events.ts'

/** BON_NAME, and how its processData begins. */
export const DRAWER_OPENING = 'Kassenladenöffnung'
/** Short enough for every TSE. */
const REASON_MAX = 200

/** An unattended opening of the cash drawer, where the shop wants it secured and exported (AVSonstige). */
export function isDrawerOpening(document: Members): boolean {
  return document['object'] === 'cash_drawer_opening'
}

/** processData of `SonstigerVorgang`: free, readable text. The note stays in the shop. */
export function openingData({ reason }: Members): string {
  const text = typeof reason === 'string' ? reason.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trim() : ''
  return text === '' ? DRAWER_OPENING : `${DRAWER_OPENING}: ${[...text].slice(0, REASON_MAX).join('')}`
}
