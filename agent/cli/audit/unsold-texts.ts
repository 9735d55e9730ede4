import type { UnsoldWords } from '../../laws/audit-rules.ts'

export type ReportLanguage = UnsoldWords['language']

/** The words of the chapter on acts without turnover that no law has, in the language of the report. */
const GERMAN = {
  name: 'Vorgänge ohne Umsatz',
  turnover: 'Umsatz {sold} EUR, ohne Umsatz {unsold} EUR',
  unread: 'nicht ausgewertet: Das Journal liegt nicht vor oder ist nicht in Ordnung.',
  sales: '{register}: {receipts}, davon {sales}, Einnahmen {sum} EUR, davon bar {cash} EUR',
  sale: ['Verkauf', 'Verkäufe'],
  act: '{register}: {acts}, {sum} EUR',
  ofCash: ', davon bar {sum} EUR',
  noReason: '{count} ohne Grund',
  resold: '{count} über {sum} EUR: danach ein Verkauf über denselben Betrag',
  unknown: '{count} über {sum} EUR: Original nicht in diesem Journal',
  largest: 'größte: {list}',
  none: 'Keine: {kinds}.',
  unsigned: '{register}: ohne Signatur {acts}, {sum} EUR',
  unsignedNone: 'Vorgänge ohne Signatur',
  online: 'ONLINE, an keiner Kasse: {acts}, {sum} EUR',
  operation: ['Vorgang', 'Vorgänge'],
  ordered: 'Bestellungen {location}: {left} = {right}; Rest {rest} EUR',
  before: 'vorher offen {sum} EUR',
  order: 'bestellt {sum} EUR',
  reopened: 'durch Stornos wieder offen {sum} EUR',
  billed: 'abgerechnet {sum} EUR',
  takenBack: 'zurückgenommen {sum} EUR{of}',
  late: 'später als 30 Minuten nach der Bestellung {sum} EUR',
  afterVoid: 'nach einem Storno, dort genannt, {sum} EUR',
  of: ' (davon {list})',
  transfer: 'Transfer {sum} EUR',
  staff: 'Sachbezug {sum} EUR',
  open: 'offen {sum} EUR{oldest}',
  oldest: ' (älteste vom {day})',
  less: 'Bestellungen {location}: unter dem Bestellpreis abgerechnet {sum} EUR',
  rest: 'Bestellungen {location}: Der Rest ist nicht 0,00 EUR: Die Bestellungen ergeben einen anderen offenen Betrag als die offenen Positionen.',
  unrecorded: 'Zwischenrechnungen und Nachdrucke zeichnet dieses Programm nicht auf.',
  each: 'Jeder Vorgang einzeln: {file}.',
  file: 'ohne-umsatz.csv',
  header: 'zeit;kasse;sitzung;z_nr;bediener;art;vorgangstyp;bon;brutto;bar;original;grund;vorgang',
} as const

/** The same texts in another language; two forms are those of one and of many. */
export type Translated<Texts> = {
  readonly [Name in keyof Texts]: Texts[Name] extends string ? string : readonly [string, string]
}

const ITALIAN: Translated<typeof GERMAN> = {
  name: 'Operazioni senza corrispettivo',
  turnover: 'Corrispettivi {sold} EUR, senza corrispettivo {unsold} EUR',
  unread: 'non valutate: il registro manca o non è in ordine.',
  sales: '{register}: {sales}, incassi {sum} EUR, di cui contanti {cash} EUR',
  sale: ['vendita', 'vendite'],
  act: '{register}: {acts}, {sum} EUR',
  ofCash: ', di cui contanti {sum} EUR',
  noReason: '{count} senza motivo',
  resold: '{count} per {sum} EUR: segue una vendita dello stesso importo',
  unknown: "{count} per {sum} EUR: l'originale non è in questo registro",
  largest: 'importi maggiori: {list}',
  none: 'Nessuna: {kinds}.',
  unsigned: '{register}: senza firma {acts}, {sum} EUR',
  unsignedNone: '',
  online: 'ONLINE, senza cassa: {acts}, {sum} EUR',
  operation: ['operazione', 'operazioni'],
  ordered: 'Ordini {location}: {left} = {right}; resto {rest} EUR',
  before: 'aperti prima {sum} EUR',
  order: 'ordinato {sum} EUR',
  reopened: 'riaperto da annulli {sum} EUR',
  billed: 'conteggiato {sum} EUR',
  takenBack: 'ripreso {sum} EUR{of}',
  late: "oltre 30 minuti dopo l'ordine {sum} EUR",
  afterVoid: 'dopo un annullo, già indicato, {sum} EUR',
  of: ' (di cui {list})',
  transfer: 'trasferito {sum} EUR',
  staff: 'personale {sum} EUR',
  open: 'aperto {sum} EUR{oldest}',
  oldest: ' (dal {day})',
  less: "Ordini {location}: conteggiato sotto il prezzo dell'ordine {sum} EUR",
  rest: 'Ordini {location}: il resto non è 0,00 EUR: gli ordini danno un importo aperto diverso dalle righe aperte.',
  unrecorded: 'Questo programma non registra preconti e ristampe.',
  each: 'Ogni operazione: {file}.',
  file: 'senza-corrispettivo.csv',
  header: 'ora;cassa;sessione;z;operatore;tipo;tipo_documento;documento;lordo;contanti;originale;motivo;operazione',
}

export const CHAPTER_TEXTS: Readonly<Record<'de' | 'it', Translated<typeof GERMAN>>> = { de: GERMAN, it: ITALIAN }

/** The text with its values. One that is missing stays to be filled. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`))
}
