import type { Translated } from './unsold-texts.ts'

/** The words of head and result, in the language of the report. */
const GERMAN = {
  merchant: 'Unternehmen',
  registers: 'Kassen',
  period: 'Zeitraum',
  dates: '{from} bis {to}',
  everything: ', die ganze Aufzeichnung',
  made: 'Erstellt',
  madeAt: '{time} Uhr',
  journal: 'Aufzeichnung',
  faults: 'Ergebnis: {count} Beanstandung(en), siehe oben.',
  none: 'Ergebnis: ohne Beanstandung.',
  noneCompared: 'Ergebnis: keine Beanstandung in dem, was verglichen wurde.',
  notes: ['1 Hinweis', '{count} Hinweise'],
  uncovered: '{count} nicht belegt',
  uncoveredHead: 'Nicht belegt ist:',
  tasks: 'Offene Aufgaben:',
  task: '{name}, fällig am {due} ({id})',
  trial:
    'TESTBETRIEB, NICHT ZERTIFIZIERT (NOT CERTIFIED): Diese Geräte sind simuliert oder Schlüssel in einem Token, {certified}:',
  uncertified: 'TESTBETRIEB: Das Gerät ist NICHT ZERTIFIZIERT (NOT CERTIFIED), siehe oben.',
} as const

const ITALIAN: Translated<typeof GERMAN> = {
  merchant: 'Impresa',
  registers: 'Casse',
  period: 'Periodo',
  dates: 'dal {from} al {to}',
  everything: ', tutta la registrazione',
  made: 'Creato',
  madeAt: '{time}',
  journal: 'Registrazione',
  faults: 'Risultato: {count} contestazione/i, vedi sopra.',
  none: 'Risultato: nessuna contestazione.',
  noneCompared: 'Risultato: nessuna contestazione in ciò che è stato confrontato.',
  notes: ['1 nota', '{count} note'],
  uncovered: '{count} non provati',
  uncoveredHead: 'Non è provato:',
  tasks: 'Adempimenti aperti:',
  task: '{name}, entro il {due} ({id})',
  trial:
    'MODALITÀ DI PROVA, NON CERTIFICATO (NOT CERTIFIED): questi dispositivi sono simulati o chiavi in un token, {certified}:',
  uncertified: 'MODALITÀ DI PROVA: il dispositivo NON È CERTIFICATO (NOT CERTIFIED), vedi sopra.',
}

export const REPORT_TEXTS: Readonly<Record<'de' | 'it', Translated<typeof GERMAN>>> = { de: GERMAN, it: ITALIAN }
