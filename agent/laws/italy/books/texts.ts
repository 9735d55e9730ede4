import type { Findings, FindingTexts } from '../../../journal/books/findings.ts'

/** Findings about Italian printers, by stable code. */
export const TEXTS = {
  rt_document_unknown: {
    level: 'error',
    en: 'Printer {serial} printed document {document}, which the journal does not contain.',
    it: 'La stampante {serial} ha emesso il documento {document}, che manca nelle registrazioni.',
  },
  rt_document_by_hand: {
    level: 'note',
    en: 'Printer {serial}: document {document} over {sum} was keyed in at the printer.',
    it: 'Stampante {serial}: il documento {document} di {sum} è stato digitato sulla stampante stessa.',
  },
  rt_document_unread: {
    level: 'note',
    en: 'Printer {serial}: the journal has no operation for document {document}, and the printer did not report its content. Look at its paper.',
    it: 'Stampante {serial}: il documento {document} non è in questo registro e la stampante non ne ha comunicato il contenuto. Controllare la carta.',
  },
  rt_document_elsewhere: {
    level: 'note',
    en: 'Printer {serial}: document {document} was printed before this journal continued with the printer (restored, or taken into use again).',
    it: 'Stampante {serial}: il documento {document} è stato emesso prima che questo registro proseguisse con la stampante (ripristino o nuova messa in servizio).',
  },
  rt_entry_printed: {
    level: 'note',
    en: 'Printer {serial}: document {document} is an operation that is entered in the emergency register, too. The Z of the printer counts it, the sheet of the day does not.',
    it: "Stampante {serial}: il documento {document} è un'operazione annotata anche nel registro di emergenza. È nella chiusura della stampante, non nel foglio del giorno.",
  },
  rt_entry_outside: {
    level: 'error',
    en: 'Register {register}: entry {entry} names the emergency {emergency} of printer {serial}, which was not open.',
    it: "Cassa {register}: l'annotazione {entry} indica l'emergenza {emergency} della stampante {serial}, che non era aperta.",
  },
  rt_z_gap: {
    level: 'error',
    en: 'Printer {serial}: the journal does not contain closing {closing}.',
    it: 'Stampante {serial}: la chiusura {closing} manca nelle registrazioni.',
  },
  rt_totals_differ: {
    level: 'error',
    en: 'Printer {serial}, closing {z}: the printer counted {stated} ({what}), the journal comes to {counted}.',
    it: 'Stampante {serial}, chiusura {z}: la stampante indica {stated} ({what}), dalle registrazioni risulta {counted}.',
  },
  rt_amounts_differ: {
    level: 'error',
    en: 'Printer {serial}: document {document} was asked for over {stated}, the lines of its operation come to {counted}, its payments to {paid}.',
    it: "Stampante {serial}: il documento {document} è stato richiesto per {stated}; dalle righe dell'operazione risulta {counted}, dai pagamenti {paid}.",
  },
  rt_rates_differ: {
    level: 'error',
    en: 'Printer {serial}, closing {z}: document {document} was asked for over {stated} at {rate}, recorded is {counted} ({source}).',
    it: 'Stampante {serial}, chiusura {z}: il documento {document} è stato richiesto per {stated} al {rate}; è registrato {counted} ({source}).',
  },
  rt_receipt_missing: {
    level: 'error',
    en: 'Printer {serial}: document {document} is in no receipt of register {register}.',
    it: 'Stampante {serial}: il documento {document} non è in nessuna operazione della cassa {register}.',
  },
  rt_memory_ahead: {
    level: 'error',
    en: 'Printer {serial} ends with document {document}, the journal with {known}.',
    it: 'La stampante {serial} termina con il documento {document}, le registrazioni con {known}.',
  },
  rt_memory_behind: {
    level: 'error',
    en: 'The journal contains document {known} of printer {serial}, whose memory ends with {document}.',
    it: 'Le registrazioni contengono il documento {known} della stampante {serial}, la cui memoria termina con {document}.',
  },
} as const satisfies FindingTexts

export type PrinterFindings = Findings<keyof typeof TEXTS>
