import type { AuditFile, AuditRules } from '../audit-rules.ts'

/** Both protocols of each register. */
export const AUDIT: AuditRules = {
  afterRestore: {
    uncounted:
      'Eine Signaturkarte zählt nichts: Was sie bis dahin signierte, zeigen nur Belege der Kunden, ältere Kopien des DEP7 und ein Sync-Ziel.',
  },
  files: (registers) =>
    registers.flatMap(({ id }): AuditFile[] => [
      { file: `dep7-${id}.json`, type: 'dep7', registerId: id },
      { file: `dep131-${id}.csv`, type: 'dep131', registerId: id },
    ]),
  comparisons: [
    {
      name: 'DEP7 / Journal',
      told: [
        'Was im DEP7 und was im Journal steht, wurde Beleg für Beleg in beiden Richtungen verglichen (DEP7 / Journal), die',
        'Beträge jedes Belegs mit den Positionen und Zahlungen seines Vorgangs (Journal).',
      ],
      missing: { files: /^dep7-.*\.json$/, what: 'Journal und DEP7' },
      compare: async (...given) => (await import('./audit-comparison.ts')).compareWithJournal(...given),
    },
  ],
}
