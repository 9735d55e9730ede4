import type { AuditRules } from '../audit-rules.ts'

/** Name of the part that says what the counters and closings of the printers stand for. */
export const PRINTERS_AND_JOURNAL = 'Drucker / Journal'

/** No files: the printers are asked. */
export const AUDIT: AuditRules = {
  comparisons: [
    {
      name: PRINTERS_AND_JOURNAL,
      told: [
        'Die documenti und chiusure im Journal wurden mit den Zählern der Drucker verglichen (Drucker / Journal), die Beträge',
        'jedes documento mit den Positionen und Zahlungen seines Vorgangs (Journal).',
      ],
    },
  ],
}
