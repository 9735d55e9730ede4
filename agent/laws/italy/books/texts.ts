import type { Findings, FindingTexts } from '../../../journal/books/findings.ts'

/** Findings about Italian printers, by stable code. */
export const TEXTS = {
  rt_document_unknown: {
    level: 'error',
    en: 'Printer {serial} printed document {document}, which the journal does not contain.',
    de: 'Der Drucker {serial} hat documento {document} ausgegeben. In den Aufzeichnungen fehlt es.',
  },
  rt_document_by_hand: {
    level: 'note',
    en: 'Printer {serial}: document {document} over {sum} was keyed in at the printer.',
    de: 'Drucker {serial}: documento {document} über {sum} wurde am Drucker selbst eingegeben.',
  },
  rt_document_unread: {
    level: 'note',
    en: 'Printer {serial}: the journal has no operation for document {document}, and the printer did not report its content. Look at its paper.',
    de: 'Drucker {serial}: documento {document} hat dieses Journal nicht, und der Drucker hat seinen Inhalt nicht mitgeteilt. Auf dem Papier nachsehen.',
  },
  rt_document_elsewhere: {
    level: 'note',
    en: 'Printer {serial}: document {document} was printed before this journal continued with the printer (restored, or taken into use again).',
    de: 'Drucker {serial}: documento {document} wurde ausgegeben, bevor dieses Journal mit dem Drucker fortgeführt wurde (Wiederherstellung oder erneute Inbetriebnahme).',
  },
  rt_entry_printed: {
    level: 'note',
    en: 'Printer {serial}: document {document} is an operation that is entered in the emergency register, too. The Z of the printer counts it, the sheet of the day does not.',
    de: 'Drucker {serial}: documento {document} ist ein Vorgang, der auch im Notfallregister steht. Er zählt in der chiusura des Druckers, nicht im Blatt des Tages.',
  },
  rt_entry_outside: {
    level: 'error',
    en: 'Register {register}: entry {entry} names the emergency {emergency} of printer {serial}, which was not open.',
    de: 'Kasse {register}: Eintrag {entry} nennt den Notfall {emergency} des Druckers {serial}, der nicht offen war.',
  },
  rt_z_gap: {
    level: 'error',
    en: 'Printer {serial}: the journal does not contain closing {closing}.',
    de: 'Drucker {serial}: chiusura {closing} fehlt in den Aufzeichnungen.',
  },
  rt_totals_differ: {
    level: 'error',
    en: 'Printer {serial}, closing {z}: the printer counted {stated} ({what}), the journal comes to {counted}.',
    de: 'Drucker {serial}, chiusura {z}: der Drucker nennt {stated} ({what}), die Aufzeichnungen ergeben {counted}.',
  },
  rt_amounts_differ: {
    level: 'error',
    en: 'Printer {serial}: document {document} was asked for over {stated}, the lines of its operation come to {counted}, its payments to {paid}.',
    de: 'Drucker {serial}: documento {document} wurde über {stated} in Auftrag gegeben; die Positionen des Vorgangs ergeben {counted}, seine Zahlungen {paid}.',
  },
  rt_rates_differ: {
    level: 'error',
    en: 'Printer {serial}, closing {z}: document {document} was asked for over {stated} at {rate}, recorded is {counted} ({source}).',
    de: 'Drucker {serial}, chiusura {z}: documento {document} wurde über {stated} zu {rate} in Auftrag gegeben; aufgezeichnet sind {counted} ({source}).',
  },
  rt_receipt_missing: {
    level: 'error',
    en: 'Printer {serial}: document {document} is in no receipt of register {register}.',
    de: 'Drucker {serial}: documento {document} steht in keinem Beleg der Kasse {register}.',
  },
  rt_memory_ahead: {
    level: 'error',
    en: 'Printer {serial} ends with document {document}, the journal with {known}.',
    de: 'Drucker {serial} endet mit documento {document}, die Aufzeichnungen enden mit {known}.',
  },
  rt_memory_behind: {
    level: 'error',
    en: 'The journal contains document {known} of printer {serial}, whose memory ends with {document}.',
    de: 'Die Aufzeichnungen enthalten documento {known} des Druckers {serial}, dessen Speicher mit {document} endet.',
  },
} as const satisfies FindingTexts

export type PrinterFindings = Findings<keyof typeof TEXTS>
