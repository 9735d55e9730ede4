import type { Restore } from '../../journal/books/restores.ts'
import type { ReportLanguage, Translated } from './report-language.ts'

/** The words of the items under "Nicht belegt" that no law has, in the language of the report. */
const GERMAN = {
  unread: 'Was nur das Journal belegt: nicht ausgewertet, es liegt nicht vor oder ist nicht in Ordnung.',
  restoresNone: 'Wiederherstellungen und Rücksetzungen des Journals: keine.',
  restore:
    'Was zwischen dem Backup vom {madeAt} und der Wiederherstellung vom {at} (Epoche {epoch}) geschah: {lost}; {compared}; {reason}.',
  rollback:
    'Epoche {epoch} begann am {at}, weil das Journal zurückgesetzt war: Was ihm fehlt, zeigen nur Papier und Ziele; {reason}.',
  fork: 'Epoche {epoch} begann am {at}, weil eine Kopie des Journals andere Ereignisse hat: Was ihm fehlt, zeigen nur Papier und Ziele; {reason}.',
  unknownDate: 'unbekanntem Datum',
  ended: 'Verloren: unbekannt, das Backup beendete das alte Journal',
  unknown: 'Verloren: unbekannt',
  byWord: 'Verloren: unbekannt, nach Angabe des Technikers nichts',
  other: 'Verloren: {lost}',
  noReason: 'Grund: keiner angegeben',
  reason: 'Grund: {reason}',
  shownOne: ', zeigte 1 Bon, {sum}',
  shownMany: ', zeigte {receipts} Bons, {sum}',
  compared: 'seitdem verglichen: {units}',
  uncompared: 'seitdem nicht verglichen: {units}',
  noUnits: 'keine Einheit zeigt es',
  bonsAside: '{register}: Die Bonnummern {from} bis {to} wurden nicht vergeben.',
  closingsAside: '{register}: Die Z-Nummern {from} bis {to} wurden nicht vergeben.',
  twice: '{register}: Die Bonnummern {from} bis {to} wurden zweimal vergeben.',
  more: 'und {count} weitere',
  operation: ['Vorgang', 'Vorgänge'],
  payment: ['Zahlung', 'Zahlungen'],
  between: '{from} bis {until}',
  restores: 'Wiederherstellungen',
  restored: 'aus einem Backup wiederhergestellt{cause}: {epochs}',
  orPutBack: ' oder mit einem eingespielten Stand begonnen',
  epoch: ['Epoche', 'Epochen'],
  fromBackup: 'Epoche {epoch} begann am {at} aus dem Backup vom {madeAt}{tail}{seal}.',
  putBack: 'Epoche {epoch} begann am {at} mit einem eingespielten Stand vom {madeAt}{tail}{seal}.',
  ...{ tail: ' und {events}', unsealed: ', ohne dass ein Siegel dafür bürgt' },
  laterEvent: ['späteren Ereignis', 'späteren Ereignissen'],
  noUnitNamed: 'Keine Einheit war eingetragen, die es zeigen könnte',
  unseen: 'Keine Einheit zeigt: {list}',
  unknownUnits: 'Einheiten, die dieses Journal nicht kennt',
  first: '{remedy}, dann: ',
  unexplained:
    'Es fehlt der Grund: {remedies}fiskal-edge duty confirm epoch-{epoch} --reason GRUND (was geschah, wie gesucht wurde, Anzahl und Summe).',
} as const

const ITALIAN: Translated<typeof GERMAN> = {
  unread: 'Ciò che prova solo il registro: non valutato, il registro manca o non è in ordine.',
  restoresNone: 'Ripristini e arretramenti del registro: nessuno.',
  restore:
    'Ciò che è avvenuto tra il backup del {madeAt} e il ripristino del {at} (epoca {epoch}): {lost}; {compared}; {reason}.',
  rollback:
    "L'epoca {epoch} è iniziata il {at} perché il registro era tornato indietro: ciò che manca risulta solo dalla carta e dalle destinazioni; {reason}.",
  fork: "L'epoca {epoch} è iniziata il {at} perché una copia del registro ha altri eventi: ciò che manca risulta solo dalla carta e dalle destinazioni; {reason}.",
  unknownDate: 'data ignota',
  ended: 'perso: ignoto, il backup ha chiuso il vecchio registro',
  unknown: 'perso: ignoto',
  byWord: 'perso: ignoto, nulla secondo il tecnico',
  other: 'perso: {lost}',
  noReason: 'motivo: nessuno indicato',
  reason: 'motivo: {reason}',
  shownOne: ', ha mostrato 1 documento, {sum}',
  shownMany: ', ha mostrato {receipts} documenti, {sum}',
  compared: 'confrontati da allora: {units}',
  uncompared: 'non confrontati da allora: {units}',
  noUnits: 'nessun dispositivo lo mostra',
  bonsAside: '{register}: i numeri dal {from} al {to} non sono stati assegnati.',
  closingsAside: '{register}: i numeri di chiusura dal {from} al {to} non sono stati assegnati.',
  twice: '{register}: i numeri dal {from} al {to} sono stati assegnati due volte.',
  more: 'e altri {count}',
  operation: ['operazione', 'operazioni'],
  payment: ['pagamento', 'pagamenti'],
  between: 'dal {from} al {until}',
  restores: 'Ripristini',
  restored: 'ripristino da un backup{cause}: {epochs}',
  orPutBack: ' o ritorno a uno stato precedente',
  epoch: ['epoca', 'epoche'],
  fromBackup: "L'epoca {epoch} è iniziata il {at} dal backup del {madeAt}{tail}{seal}.",
  putBack: "L'epoca {epoch} è iniziata il {at} da uno stato precedente del {madeAt}{tail}{seal}.",
  ...{ tail: ' e {events}', unsealed: ', senza un sigillo che lo garantisca' },
  laterEvent: ['evento successivo', 'eventi successivi'],
  noUnitNamed: 'Non era indicato nessun dispositivo che possa mostrarlo',
  unseen: 'Nessun dispositivo mostra: {list}',
  unknownUnits: 'dispositivi che questo registro non contiene',
  first: '{remedy}, poi: ',
  unexplained:
    'Manca il motivo: {remedies}fiskal-edge duty confirm epoch-{epoch} --reason MOTIVO (che cosa è successo, come si è cercato, numero e somma).',
}

export const UNPROVEN_TEXTS: Readonly<Record<ReportLanguage, Translated<typeof GERMAN>>> = { de: GERMAN, it: ITALIAN }

/** The texts for what a backup says of its loss. */
export const LOST_TEXTS: ReadonlyMap<Restore['lost'], 'ended' | 'unknown' | 'byWord'> = new Map([
  ['nothing', 'ended'],
  ['unknown', 'unknown'],
  ['nothing_by_word', 'byWord'],
])
