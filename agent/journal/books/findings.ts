import { localTime, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { visible } from '../../../base/text.ts'

const AMOUNT = /(?<=^| |\()-?\d+\.\d{2}(?=$|[ ,;)])/g
const FOREIGN = /(?<=\b[A-Z]{3} -?\d+)\.(?=\d{2}\b)/g
const PERCENT = /\d+\.\d+(?= %)/g
/** Facts that were signed are shown unchanged. */
const SIGNED: ReadonlySet<string> = new Set(['data', 'secured', 'recorded'])
/** A sentence has at most that many texts of one fact. */
const LISTED_MAX = 3
const UTC_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

/** `error` makes a check fail; `note` is information for the reader. */
type Level = 'error' | 'note'
type Sentences = { readonly level: Level; readonly en: string } & ({ readonly de: string } | { readonly it: string })
type Language = 'en' | 'de' | 'it'

/** Findings of the checks of the books, by stable code; each law adds its own, in its language. */
const SENTENCES = {
  receipt_number_gap: {
    level: 'error',
    en: 'Register {register}: receipt number {to} follows {from}.',
    de: 'Auf Bonnummer {from} der Kasse {register} folgt {to}.',
    it: 'Cassa {register}: al numero {from} segue il numero {to}.',
  },
  z_number_gap: {
    level: 'error',
    en: 'Register {register}: Z number {to} follows {from}.',
    de: 'Auf Z-Nr. {from} der Kasse {register} folgt {to}.',
    it: 'Cassa {register}: alla chiusura numero {from} segue la {to}.',
  },
  bon_numbers_set_aside: {
    level: 'note',
    en: 'Register {register}: receipt numbers {from} to {to} were set aside, because receipts that the journal lost may have them. No receipt of the journal has one.',
    de: 'Kasse {register}: Die Bonnummern {from} bis {to} wurden nach einem Datenverlust nicht vergeben: Verlorene Bons können sie tragen. Kein aufgezeichneter Bon hat eine davon.',
    it: 'Cassa {register}: i numeri dal {from} al {to} non sono stati assegnati dopo una perdita di dati, perché possono averli documenti perduti. Nessun documento registrato ne ha uno.',
  },
  z_numbers_set_aside: {
    level: 'note',
    en: 'Register {register}: Z numbers {from} to {to} were set aside, because closings that the journal lost may have them. No closing of the journal has one.',
    de: 'Kasse {register}: Die Z-Nummern {from} bis {to} wurden nach einem Datenverlust nicht vergeben: Verlorene Kassenabschlüsse können sie tragen. Kein aufgezeichneter hat eine davon.',
    it: 'Cassa {register}: i numeri di chiusura dal {from} al {to} non sono stati assegnati dopo una perdita di dati, perché possono averli chiusure perdute. Nessuna chiusura registrata ne ha uno.',
  },
  receipt_numbers_twice: {
    level: 'error',
    en: 'Register {register}: {what} {from} to {to} were given twice: in a part of epoch {lost} that was lost, and again after its state was put back, before anything showed the loss. Explain it by the duty epoch-{epoch}.',
    de: 'Kasse {register}: Die {was} {from} bis {to} wurden doppelt vergeben: in einem verlorenen Teil der Epoche {lost} und erneut, nachdem ein alter Stand eingespielt wurde und bevor es sich zeigte. Zu erklären mit der Aufgabe epoch-{epoch}.',
    it: "Cassa {register}: {cosa} dal {from} al {to} sono stati assegnati due volte: in una parte perduta dell'epoca {lost} e di nuovo dopo il ritorno a uno stato precedente, prima che la perdita fosse rilevata. Da spiegare con l'adempimento epoch-{epoch}.",
  },
  session_cash_differs: {
    level: 'error',
    en: 'Register {register}: the cash count of {at} {what}.',
    de: 'Kassensturz der Kasse {register} vom {at}: {was}.',
    it: 'Cassa {register}, conteggio di cassa del {at}: {cosa}.',
  },
  counted_over_later: {
    level: 'note',
    en: 'Register {register}: the cash count of {at} by fiskal-edge {version} left {operation} open, which only a later version could end.',
    de: 'Kasse {register}: Der Kassensturz vom {at} durch fiskal-edge {version} ließ {operation} offen: Nur eine spätere Version konnte ihn beenden.',
    it: 'Cassa {register}: il conteggio di cassa del {at} con fiskal-edge {version} ha lasciato aperta {operation}, che solo una versione successiva poteva concludere.',
  },
  foreign_value_left: {
    level: 'note',
    en: 'Register {register}: the close of {at} left {sum} euro of a currency of which nothing was left. Its rate had changed, and an earlier version did not book the difference.',
    de: 'Kasse {register}: Der Abschluss vom {at} ließ {sum} stehen, und von der Währung war nichts mehr da. Ihr Kurs hatte sich geändert, eine frühere Version hat die Differenz nicht gebucht.',
    it: 'Cassa {register}: la chiusura del {at} ha lasciato {sum} di una valuta di cui non restava nulla. Il cambio era variato e una versione precedente non ha registrato la differenza.',
  },
  session_bons_differ: {
    level: 'error',
    en: 'Register {register}: event {seq} recorded {stated} receipts over {sum} in its session, the events come to {bons} over {counted}.',
    de: 'Kasse {register}: Bei Ereignis {seq} sind {stated} Bons der Sitzung über {sum} aufgezeichnet, die Aufzeichnungen ergeben {bons} über {counted}.',
    it: "Cassa {register}: l'evento {seq} indica per la sessione {stated} documenti per {sum}, dalle registrazioni ne risultano {bons} per {counted}.",
  },
  operation_changed: {
    level: 'error',
    en: 'Operation {operation}: event {seq} changes status, goods, amounts, payments, texts or times after the end, or makes it training.',
    de: 'Vorgang {operation}: Ereignis {seq} ändert Status, Positionen, Beträge, Zahlungen, Texte oder Zeiten nach dem Ende, oder macht ihn zur Schulung.',
    it: "Operazione {operation}: l'evento {seq} modifica stato, righe, importi, pagamenti, testi od orari dopo la conclusione, o la rende una prova.",
  },
  cancelled_lines_differ: {
    level: 'error',
    en: 'Operation {operation}: after event {seq} it records {stated} as taken away; its goods before and after give {counted}.',
    de: 'Vorgang {operation}: nach Ereignis {seq} sind {stated} als storniert aufgezeichnet, die Positionen davor und danach ergeben {counted}.',
    it: "Operazione {operation}: dopo l'evento {seq} risultano stornati {stated}, dalle righe prima e dopo risultano {counted}.",
  },
  order_lines_differ: {
    level: 'error',
    en: 'Operation {operation}: event {seq} takes {quantity} of order line {line} in {group}; {open} of it is open there.',
    de: 'Vorgang {operation}: Ereignis {seq} nimmt {quantity} der Bestellposition {line} aus {group}, offen ist dort {open}.',
    it: "Operazione {operation}: l'evento {seq} preleva {quantity} della riga d'ordine {line} da {group}, dove ne restano {open}.",
  },
  open_lines_differ: {
    level: 'error',
    en: 'Operation {operation}: event {seq} changes the open order lines by {stated}; its document gives {counted}.',
    de: 'Vorgang {operation}: Ereignis {seq} ändert die offenen Bestellpositionen um {stated}, der Vorgang ergibt {counted}.',
    it: "Operazione {operation}: l'evento {seq} modifica le righe d'ordine aperte di {stated}, dall'operazione risulta {counted}.",
  },
  used_beyond_itself: {
    level: 'error',
    en: 'Operation {operation}: by event {seq}, {counted} of {original} is used, which holds {stated}.',
    de: 'Vorgang {operation}: mit Ereignis {seq} sind von {original} {counted} verbraucht, vorhanden waren {stated}.',
    it: "Operazione {operation}: con l'evento {seq} sono utilizzati {counted} di {original}, che ne conteneva {stated}.",
  },
  duty_record_wrong: {
    level: 'error',
    en: 'Duty {duty}: event {seq} contradicts the request or the office in {what}.',
    de: 'Meldung {duty}: Ereignis {seq} widerspricht der Anfrage oder dem Amt ({what}).',
    it: "Comunicazione {duty}: l'evento {seq} contraddice la richiesta o l'ufficio ({what}).",
  },
  duty_confirmed_by_relay: {
    level: 'note',
    en: 'Duties that relay {host} confirmed, and not the office: {count}.',
    de: 'Meldungen an das Amt, die nur das Relay {host} bestätigt hat: {count}.',
    it: "Comunicazioni all'ufficio confermate solo dal relay {host}: {count}.",
  },
  state_record_wrong: {
    level: 'error',
    en: 'The state recorded at event {seq} does not match the events before it.',
    de: 'Der Zwischenstand bei Ereignis {seq} passt nicht zu den Ereignissen davor.',
    it: "Lo stato registrato all'evento {seq} non corrisponde agli eventi precedenti.",
  },
  projections_differ: {
    level: 'error',
    en: 'The tables made from the events differ from them: {what}.',
    de: 'Die Auswertungstabellen weichen von den Ereignissen ab: {what}.',
    it: 'Le tabelle derivate differiscono dagli eventi: {what}.',
  },
  projections_not_checked: {
    level: 'error',
    en: 'The tables made from the events are of another version of this program and were not checked. Start the agent, or run "fiskal-edge journal rebuild".',
    de: 'Die Auswertungstabellen wurden nicht geprüft: Sie sind von einer anderen Version dieses Programms.',
    it: "Le tabelle derivate non sono state controllate: sono di un'altra versione di questo programma.",
  },
  tse_order: {
    level: 'error',
    en: 'Transaction {transaction} is not recorded where it was secured (counter {counter} after {floor}).',
    de: 'Vorgang {transaction} steht nicht an der Stelle, an der er abgesichert wurde (Zähler {counter} nach {floor}).',
    it: 'La transazione {transaction} non è registrata dove è stata firmata (contatore {counter} dopo {floor}).',
  },
  tse_transaction_twice: {
    level: 'error',
    en: 'Transaction {transaction} of the TSE {serial} is in two receipts.',
    de: 'Vorgang {transaction} der TSE {serial} steht in zwei Bons.',
    it: 'La transazione {transaction} del dispositivo {serial} compare in due documenti.',
  },
  version_too_old: {
    level: 'error',
    en: 'From event {seq} by fiskal-edge {version}: verify with it. This version does not judge its records, nor any after them.',
    de: 'Ab Ereignis {seq} von fiskal-edge {version}: damit prüfen. Diese Version beurteilt dessen Aufzeichnungen nicht, auch keine danach.',
    it: "Dall'evento {seq} registrazioni di fiskal-edge {version}: verificarle con quella versione. Questa non le valuta, né quelle successive.",
  },
  event_unreadable: {
    level: 'error',
    en: 'Event {seq} cannot be read: its content is not of this program.',
    de: 'Ereignis {seq} ist nicht zu lesen: Sein Inhalt stammt nicht von diesem Programm.',
    it: "L'evento {seq} non è leggibile: il contenuto non è di questo programma.",
  },
} as const satisfies Readonly<Record<string, { level: Level } & Readonly<Record<Language, string>>>>

export type BookCode = keyof typeof SENTENCES
/** The sentences of a law's findings, by their codes. */
export type FindingTexts<Code extends string = string> = Readonly<Record<Code, Sentences>>
export type WithTexts = { readonly texts: FindingTexts }
/** Values of the sentence; register, serial, transaction and counter are members of the finding too. */
type Facts = Readonly<Record<string, string | number>>

/** As in `--json`. `more`: the number of further findings of this code, after the last that is kept. */
export type BookFinding = {
  readonly code: string
  readonly level: Level
  readonly seq: number
  readonly register?: string
  readonly serial?: string
  readonly transaction?: number
  readonly counter?: number
  readonly facts: Facts
  readonly more?: number
}

/** For checks that report these codes alone. */
export type Findings<Code extends string = BookCode> = {
  /** `level`: that of the code, unless a person has explained the finding. */
  add(code: Code, seq: number, facts?: Facts, level?: Level): void
  /** For findings that need the last event. */
  atEnd(report: (findings: Findings<Code>) => void): void
}

const KEPT_MAX = 20

/** The first findings of each code, and their number. */
export class BookFindings {
  #list: BookFinding[] = []
  #counts = new Map<string, number>()
  readonly #laws: readonly WithTexts[]
  /** The first event of a program that is newer than this one. */
  #end: { readonly seq: number; readonly version: string } | undefined
  readonly #atEnd: ((findings: BookFindings) => void)[] = []

  constructor(laws: readonly WithTexts[]) {
    this.#laws = laws
  }

  /** For findings that need the last event: called on each {@link all}. */
  atEnd(report: (findings: BookFindings) => void): void {
    this.#atEnd.push(report)
  }

  /** Findings from that event on are not reported: this one makes the check fail instead. */
  endAt(seq: number, version: string): void {
    this.#end ??= { seq, version }
  }

  add(code: string, seq: number, facts: Facts = {}, level = sentencesOf(code, this.#laws).level): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count > KEPT_MAX) return
    const { register, serial, transaction, counter } = facts
    this.#list.push({
      code,
      level,
      seq,
      ...(typeof register === 'string' && { register }),
      ...(typeof serial === 'string' && { serial }),
      ...(typeof transaction === 'number' && { transaction }),
      ...(typeof counter === 'number' && { counter }),
      facts,
    })
  }

  all(): BookFinding[] {
    const end = new BookFindings(this.#laws)
    end.#list = [...this.#list]
    end.#counts = new Map(this.#counts)
    for (const report of this.#atEnd) report(end)
    const found = end.#withCounts()
    if (this.#end === undefined) return found
    const { seq: last, version } = this.#end
    const before = found.filter(({ level, seq }) => level === 'note' || (seq > 0 && seq < last))
    const facts = { version }
    return [...before, { code: 'version_too_old', level: 'error', seq: last, facts }]
  }

  #withCounts(): BookFinding[] {
    return this.#list.map((finding) => {
      const more = (this.#counts.get(finding.code) ?? 0) - KEPT_MAX
      const isLast = more > 0 && this.#list.findLast(({ code }) => code === finding.code) === finding
      return isLast ? { ...finding, more } : finding
    })
  }
}

/**
 * One sentence a finding, with its code in brackets. Each fact is on one line and without control characters before it gets
 * into the sentence: who could name a register could else write sentences of the report.
 */
export function describeBooks(
  { code, seq, facts, more }: BookFinding,
  language: Language,
  laws: readonly WithTexts[],
): string {
  const values: Facts = { seq, ...facts }
  const sentences: { readonly [Name in Language]?: string } = sentencesOf(code, laws)
  const sentence = sentences[language] ?? sentences.de ?? sentences.it ?? ''
  const text = sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = visible(String(values[name] ?? '?'))
    return language === 'en' ? value : asWritten(name, value)
  })
  const further = { en: `and ${more} more`, de: `und ${more} weitere`, it: `e altri ${more}` }[language]
  return more === undefined ? `${text} (${code})` : `${text} (${code}, ${further})`
}

function sentencesOf(code: string, laws: readonly WithTexts[]): Sentences {
  const tables: readonly FindingTexts[] = [SENTENCES, ...laws.map(({ texts }) => texts)]
  for (const texts of tables) if (Object.hasOwn(texts, code)) return texts[code] as Sentences
  throw new Error(`no law has the finding ${code}`)
}

/** Writes amounts and rates as in the rest of the report, and times by the clocks of the shop. */
function asWritten(name: string, value: string): string {
  const text = SIGNED.has(name) ? value : withCommas(value)
  return text.replace(UTC_TIME, (time) => localTime(parseRfc3339(time) ?? 0, SHOP_ZONE).replace('T', ' '))
}

function withCommas(value: string): string {
  const amounts = value.replace(FOREIGN, ',').replace(AMOUNT, (amount) => `${amount.replace('.', ',')} EUR`)
  return amounts.replace(PERCENT, (rate) => rate.replace('.', ','))
}

export function centsText(cents: number | bigint): string {
  return formatCents(BigInt(cents))
}

/** A fact of several texts: the first three of them. */
export function shortList(texts: readonly string[]): string {
  const more = texts.length - LISTED_MAX
  return texts.length === 0 ? '–' : [...texts.slice(0, LISTED_MAX), ...(more > 0 ? [`+ ${more}`] : [])].join(', ')
}
