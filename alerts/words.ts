import type { Severity } from './alert.ts'

export type Language = 'de' | 'en' | 'it'

/** The labels of a mail. The sentences about a warning are those of the row of that warning, which the agent hands in. */
type Words = {
  readonly severity: Readonly<Record<Severity, string>>
  readonly trial: string
  readonly resolved: string
  readonly flapping: string
  readonly flappingText: string
  readonly digest: string
  readonly summary: string
  readonly test: string
  readonly testText: string
  readonly since: string
  readonly ended: string
  readonly remedy: string
  readonly span: string
  readonly support: string
  readonly page: string
  readonly openAlerts: string
  readonly duties: string
  readonly until: string
  readonly unsigned: string
  readonly backup: string
  readonly noBackup: string
  readonly sync: string
  readonly allWell: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    severity: { alarm: 'ALARM', warning: 'WARNING' },
    trial: 'TEST MODE: A fiscal device is not certified.',
    resolved: 'RESOLVED',
    flapping: 'UNSTEADY',
    flappingText:
      'This came and went three times within an hour. The next message follows when it stays or after half an hour of calm.',
    digest: 'Daily summary',
    summary: 'Too many messages in one hour',
    test: 'Test',
    testText: 'This is a test. Messages about warnings of the tills will arrive here.',
    since: 'Since',
    ended: 'Ended',
    remedy: 'Remedy',
    span: '{from} to {to}',
    support: 'Help',
    page: 'Status page',
    openAlerts: 'Open',
    duties: 'Duties of the next 14 days',
    until: 'until',
    unsigned: 'Receipts without a signature in the last 24 hours',
    backup: 'Last backup',
    noBackup: 'none',
    sync: 'Sync targets that are behind',
    allWell: 'Nothing is open.',
  },
  de: {
    severity: { alarm: 'ALARM', warning: 'WARNUNG' },
    trial: 'TESTBETRIEB: Ein Fiskalgerät ist nicht zertifiziert.',
    resolved: 'BEHOBEN',
    flapping: 'INSTABIL',
    flappingText:
      'Die Störung ist innerhalb einer Stunde dreimal aufgetreten und verschwunden. Die nächste Nachricht folgt, wenn sie bleibt oder eine halbe Stunde Ruhe war.',
    digest: 'Tagesübersicht',
    summary: 'Zu viele Meldungen in einer Stunde',
    test: 'Test',
    testText: 'Dies ist ein Test. Hier kommen Nachrichten über Warnungen der Kassen an.',
    since: 'Seit',
    ended: 'Beendet',
    remedy: 'Was zu tun ist',
    span: '{from} bis {to}',
    support: 'Hilfe',
    page: 'Statusseite',
    openAlerts: 'Offen',
    duties: 'Aufgaben der nächsten 14 Tage',
    until: 'bis',
    unsigned: 'Belege ohne Signatur in den letzten 24 Stunden',
    backup: 'Letzte Sicherung',
    noBackup: 'keine',
    sync: 'Übertragung im Rückstand',
    allWell: 'Keine offenen Meldungen.',
  },
  it: {
    severity: { alarm: 'ALLARME', warning: 'AVVISO' },
    trial: 'MODALITÀ DI PROVA: un dispositivo fiscale non è certificato.',
    resolved: 'RISOLTO',
    flapping: 'INSTABILE',
    flappingText:
      "È comparso e scomparso tre volte in un'ora. Il prossimo messaggio arriva quando il problema rimane o dopo mezz'ora di calma.",
    digest: 'Riepilogo del giorno',
    summary: "Troppi messaggi in un'ora",
    test: 'Prova',
    testText: 'Questa è una prova. Qui arrivano i messaggi sugli avvisi delle casse.',
    since: 'Dal',
    ended: 'Terminato',
    remedy: 'Che cosa fare',
    span: 'Inizio {from}, fine {to}',
    support: 'Assistenza',
    page: 'Pagina di stato',
    openAlerts: 'In sospeso',
    duties: 'Compiti dei prossimi 14 giorni',
    until: 'entro',
    unsigned: 'Documenti senza firma nelle ultime 24 ore',
    backup: 'Ultima copia',
    noBackup: 'nessuna',
    sync: 'Destinazioni di sincronizzazione in ritardo',
    allWell: 'Nessun avviso in sospeso.',
  },
}
