import type { AuditFile, AuditRules } from '../audit-rules.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { UNSOLD } from './unsold-words.ts'

const TASKS: { readonly [Name in keyof typeof DUTY_KINDS]: string } = {
  unitRegistration: 'Registrierung der Signatureinheit',
  unitReturn: 'Wiederinbetriebnahme der Signatureinheit',
  registerRegistration: 'Registrierung der Kasse',
  startReceiptCheck: 'Prüfung des Startbelegs',
  annualReceipt: 'Jahresbeleg',
  annualReceiptCheck: 'Prüfung des Jahresbelegs',
  registerEnd: 'Außerbetriebnahme der Kasse',
  registerOutage: 'Ausfall der Kasse',
  registerOutageEnd: 'Ende des Ausfalls der Kasse',
  dataCopy: 'Sicherung des DEP auf einem externen Datenträger',
  aesKey: 'AES-Schlüssel der Kasse',
  unitHolder: 'Inhaber des Zertifikats der Signatureinheit',
  unitOutage: 'Ausfall der Signatureinheit',
  unitOutageEnd: 'Ende des Ausfalls der Signatureinheit',
  unitEnd: 'Außerbetriebnahme der Signatureinheit',
  certificate: 'Zertifikat der Signatureinheit',
  cardExchange: 'Austausch der Signaturkarte',
  dailyArchive: 'tägliches DEP131',
}

/** Both protocols of each register. */
export const AUDIT: AuditRules = {
  afterRestore: {
    uncounted:
      'Eine Signaturkarte zählt nichts: Was sie bis dahin signierte, zeigen nur Belege der Kunden, ältere Kopien des DEP7 und ein Sync-Ziel.',
    unseen: ['Belege ohne Signatur'],
  },
  files: (registers) =>
    registers.flatMap(({ id }): AuditFile[] => [
      { file: `dep7-${id}.json`, type: 'dep7', registerId: id },
      { file: `dep131-${id}.csv`, type: 'dep131', registerId: id },
    ]),
  checked: [{ files: /^dep7-.*\.json$/, what: 'im DEP7 jede Signatur und die Belegkette' }],
  unsold: UNSOLD,
  tasks: new Map(Object.entries(DUTY_KINDS).map(([name, { kind }]) => [kind, TASKS[name as keyof typeof TASKS]])),
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
