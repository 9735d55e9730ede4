import type { AuditRules } from '../audit-rules.ts'
import { UNSOLD } from './unsold-words.ts'

/** Name of the part about the counters and closings of the printers. */
export const PRINTERS_AND_JOURNAL = 'Drucker / Journal'

/** No files: the printers are queried. */
export const AUDIT: AuditRules = {
  afterRestore: {
    remedy: 'am Drucker verkaufen oder abschließen, was seine Zähler aufzeichnet',
    unseen: ['Einträge im registro di emergenza', 'Verkäufe ohne documento'],
  },
  checked: [],
  unsold: UNSOLD,
  comparisons: [
    {
      name: PRINTERS_AND_JOURNAL,
      told: [
        'Die documenti und chiusure im Journal wurden mit den Zählern der Drucker verglichen (Drucker / Journal), die Beträge',
        'jedes documento mit den Positionen und Zahlungen seines Vorgangs, die Sätze jedes Vorgangs mit denen seines',
        'Druckauftrags und die jeder chiusura mit denen ihrer documenti (Journal).',
      ],
    },
  ],
}
