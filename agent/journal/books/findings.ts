import { localTime, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'

const AMOUNT = /(?<=^| )-?\d+\.\d{2}(?=$|[ ,;])/g
/** Facts that were signed are shown unchanged. */
const SIGNED: ReadonlySet<string> = new Set(['data', 'secured', 'recorded'])
const UTC_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

/** `error` makes a check fail; `note` is information for the reader. */
type Level = 'error' | 'note'
type Sentences = { readonly level: Level; readonly en: string; readonly de: string }

/** Findings of the checks of the books, by stable code; each law adds its own. */
const SENTENCES = {
  receipt_number_gap: {
    level: 'error',
    en: 'Register {register}: receipt number {to} follows {from}.',
    de: 'Auf Bonnummer {from} der Kasse {register} folgt {to}.',
  },
  z_number_gap: {
    level: 'error',
    en: 'Register {register}: Z number {to} follows {from}.',
    de: 'Auf Z-Nr. {from} der Kasse {register} folgt {to}.',
  },
  session_cash_differs: {
    level: 'error',
    en: 'Register {register}: the cash count of {at} recorded {told} as expected, the events come to {counted}.',
    de: 'Kassensturz der Kasse {register} vom {at}: als Sollbestand ist {told} abgesichert, die Aufzeichnungen ergeben {counted}.',
  },
  bon_cash_differs: {
    level: 'error',
    en: 'Register {register}: receipt {bon} moves {told} in the drawer, its payments come to {counted} in cash.',
    de: 'Kasse {register}: Bon {bon} bewegt {told} in der Kassenlade, seine Zahlungen ergeben {counted} in bar.',
  },
  session_bons_differ: {
    level: 'error',
    en: 'Register {register}: event {seq} recorded {told} receipts over {sum} in its session, the events come to {bons} over {counted}.',
    de: 'Kasse {register}: Bei Ereignis {seq} sind {told} Bons der Sitzung über {sum} aufgezeichnet, die Aufzeichnungen ergeben {bons} über {counted}.',
  },
  operation_changed: {
    level: 'error',
    en: 'Operation {operation}: event {seq} records its goods or amounts again; they are recorded when it begins.',
    de: 'Vorgang {operation}: Ereignis {seq} zeichnet seine Positionen oder Beträge neu auf; aufgezeichnet werden sie nur bei seinem Beginn.',
  },
  state_record_wrong: {
    level: 'error',
    en: 'The state recorded at event {seq} does not match the events before it.',
    de: 'Der Zwischenstand bei Ereignis {seq} passt nicht zu den Ereignissen davor.',
  },
  projections_differ: {
    level: 'error',
    en: 'The tables made from the events differ from them: {what}.',
    de: 'Die Auswertungstabellen weichen von den Ereignissen ab: {what}.',
  },
  projections_not_checked: {
    level: 'error',
    en: 'The tables made from the events are of another version of this program and were not checked. Start the agent, or run "fiskal-edge journal rebuild".',
    de: 'Die Auswertungstabellen wurden nicht geprüft: Sie sind von einer anderen Version dieses Programms.',
  },
  tse_log_without_bon: {
    level: 'error',
    en: 'At {at} the TSE secured transaction {transaction} (signature counter {counter}) of client {client}: {data}. The journal does not contain it.',
    de: 'Die TSE hat am {at} Vorgang {transaction} (Signaturzähler {counter}) der Kasse {client} abgesichert: {data}. In den Aufzeichnungen fehlt er.',
  },
  tse_start_unknown: {
    level: 'error',
    en: 'At {at} the TSE began transaction {transaction} for client {client}, which the journal does not contain. If a backup was restored: fiskal-edge device adopt ID.',
    de: 'Die TSE hat am {at} für Kasse {client} Vorgang {transaction} begonnen, den diese Kasse nicht aufgezeichnet hat. Nach einer Wiederherstellung: fiskal-edge device adopt ID.',
  },
  tse_log_differs: {
    level: 'error',
    en: 'Receipt {bon}: the TSE secured {secured}, the journal has {recorded} (transaction {transaction}).',
    de: 'Bon {bon}: Die TSE hat {secured} abgesichert, aufgezeichnet ist {recorded} (Vorgang {transaction}).',
  },
  bon_without_log: {
    level: 'error',
    en: 'Receipt {bon} is recorded as secured (transaction {transaction}, counter {counter}); the archive of the TSE does not contain it.',
    de: 'Bon {bon} soll abgesichert sein (Vorgang {transaction}, Zähler {counter}); das Archiv der TSE enthält ihn nicht.',
  },
  tse_order: {
    level: 'error',
    en: 'Transaction {transaction} is not recorded where it was secured (counter {counter} after {floor}).',
    de: 'Vorgang {transaction} steht nicht an der Stelle, an der er abgesichert wurde (Zähler {counter} nach {floor}).',
  },
  tse_transaction_twice: {
    level: 'error',
    en: 'Transaction {transaction} of the TSE {serial} is in two receipts.',
    de: 'Vorgang {transaction} der TSE {serial} steht in zwei Bons.',
  },
  tse_logs_deleted: {
    level: 'error',
    en: 'The memory of the TSE {serial} does not contain counters {from} to {to}, and the journal records no archive of them.',
    de: 'Im Speicher der TSE {serial} fehlen die Zähler {from} bis {to}, ein Archiv davon ist nicht verzeichnet.',
  },
  tse_archive_missing: {
    level: 'error',
    en: 'The archive {file} is missing or was changed.',
    de: 'Das Archiv {file} liegt nicht vor oder ist ein anderes.',
  },
  tse_amounts_differ: {
    level: 'error',
    en: 'Register {register}: for receipt {bon} the TSE was asked to secure {told}; its operation comes to {counted}.',
    de: 'Kasse {register}: Für Bon {bon} sollte die TSE {told} absichern; sein Vorgang ergibt {counted}.',
  },
  tse_bon_missing: {
    level: 'error',
    en: 'Transaction {transaction} of client {client} is in no receipt of its register: {data}.',
    de: 'Vorgang {transaction} der Kasse {client} steht in keinem Bon dieser Kasse: {data}.',
  },
  bon_after_close: {
    level: 'error',
    en: 'Register {register}: operation {operation} over {sum} (receipt {bon}) was not ended when its session was closed; no closing has it.',
    de: 'Kasse {register}: Vorgang {operation} über {sum} (Bon {bon}) war beim Abschluss seiner Sitzung nicht beendet; kein Kassenabschluss enthält ihn.',
  },
  tse_update_unknown: {
    level: 'error',
    en: 'The TSE updated transaction {transaction} of client {client}, the journal did not.',
    de: 'Die TSE hat Vorgang {transaction} der Kasse {client} fortgeschrieben, die Aufzeichnungen nicht.',
  },
  tse_signed_in_outage: {
    level: 'note',
    en: 'Receipt {bon} says that the TSE was down; the TSE secured it anyway (transaction {transaction}).',
    de: 'Bon {bon} trägt „TSE ausgefallen“, die TSE hat ihn doch abgesichert (Vorgang {transaction}).',
  },
  tse_finish_undecided: {
    level: 'note',
    en: 'At {at} the TSE secured transaction {transaction} (signature counter {counter}) of client {client}: {data}. The journal does not have the outcome yet.',
    de: 'Die TSE hat am {at} Vorgang {transaction} (Signaturzähler {counter}) der Kasse {client} abgesichert: {data}. Das Ergebnis ist noch nicht aufgezeichnet.',
  },
  tse_client_foreign: {
    level: 'note',
    en: 'Client {client} also uses this TSE and does not belong to this journal: {count} transactions, {sum}, from {from} to {until}. Compare it with the notification under § 146a (4) AO.',
    de: 'Auf dieser TSE arbeitet auch Kasse {client}, die nicht zu dieser Anlage gehört: {count} Vorgänge, {sum}, vom {from} bis {until}. Mit der Mitteilung nach § 146a Abs. 4 AO vergleichen.',
  },
  package_incomplete: {
    level: 'error',
    en: 'The DSFinV-K package does not contain receipt {bon} of register {register} over {sum} as the journal has it.',
    de: 'Im DSFinV-K-Paket fehlt Bon {bon} der Kasse {register} über {sum}.',
  },
  package_closing_differs: {
    level: 'error',
    en: 'Register {register}: closing {z} recorded {told} receipts over {sum}, the DSFinV-K package has {bons} over {counted}.',
    de: 'Kasse {register}: Mit Z-Nr. {z} sind {told} Bons über {sum} aufgezeichnet, im DSFinV-K-Paket stehen {bons} über {counted}.',
  },
  package_bon_unknown: {
    level: 'error',
    en: 'The DSFinV-K package has receipt {bon} of register {register} over {sum}, which the journal does not contain.',
    de: 'Das DSFinV-K-Paket enthält Bon {bon} der Kasse {register} über {sum}; in den Aufzeichnungen fehlt er.',
  },
  event_unreadable: {
    level: 'error',
    en: 'Event {seq} cannot be read: its content is not of this program.',
    de: 'Ereignis {seq} ist nicht zu lesen: Sein Inhalt stammt nicht von diesem Programm.',
  },
} as const satisfies Readonly<Record<string, Sentences>>

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
  add(code: Code, seq: number, facts?: Facts): void
  /** For findings that need the last event. */
  atEnd(report: (found: Findings<Code>) => void): void
}

const KEPT_MAX = 20

/** The first findings of each code, and their number. */
export class BookFindings {
  #kept: BookFinding[] = []
  #counts = new Map<string, number>()
  readonly #laws: readonly WithTexts[]
  readonly #atEnd: ((found: BookFindings) => void)[] = []

  constructor(laws: readonly WithTexts[]) {
    this.#laws = laws
  }

  /** For findings that need the last event: called on each {@link all}. */
  atEnd(report: (found: BookFindings) => void): void {
    this.#atEnd.push(report)
  }

  add(code: string, seq: number, facts: Facts = {}): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count > KEPT_MAX) return
    const { register, serial, transaction, counter } = facts
    this.#kept.push({
      ...{ code, level: sentencesOf(code, this.#laws).level, seq },
      ...(typeof register === 'string' && { register }),
      ...(typeof serial === 'string' && { serial }),
      ...(typeof transaction === 'number' && { transaction }),
      ...(typeof counter === 'number' && { counter }),
      facts,
    })
  }

  all(): BookFinding[] {
    const end = new BookFindings(this.#laws)
    end.#kept = [...this.#kept]
    end.#counts = new Map(this.#counts)
    for (const report of this.#atEnd) report(end)
    return end.#withCounts()
  }

  #withCounts(): BookFinding[] {
    return this.#kept.map((finding) => {
      const more = (this.#counts.get(finding.code) ?? 0) - KEPT_MAX
      const isLast = more > 0 && this.#kept.findLast(({ code }) => code === finding.code) === finding
      return isLast ? { ...finding, more } : finding
    })
  }
}

/** One sentence a finding, with its code in brackets. */
export function describeBooks(
  { code, seq, facts, more }: BookFinding,
  language: 'en' | 'de',
  laws: readonly WithTexts[],
): string {
  const values: Facts = { seq, ...facts }
  const text = sentencesOf(code, laws)[language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? '?')
    return language === 'de' ? inGerman(name, value) : value
  })
  const further = language === 'de' ? `und ${more} weitere` : `and ${more} more`
  return more === undefined ? `${text} (${code})` : `${text} (${code}, ${further})`
}

function sentencesOf(code: string, laws: readonly WithTexts[]): Sentences {
  const tables: readonly FindingTexts[] = [SENTENCES, ...laws.map(({ texts }) => texts)]
  for (const texts of tables) if (Object.hasOwn(texts, code)) return texts[code] as Sentences
  throw new Error(`no law has the finding ${code}`)
}

/** Writes amounts as in the rest of the report, and times by the clocks of the shop. */
function inGerman(name: string, value: string): string {
  const text = SIGNED.has(name) ? value : value.replace(AMOUNT, (amount) => `${amount.replace('.', ',')} EUR`)
  return text.replace(UTC_TIME, (time) => localTime(parseRfc3339(time) ?? 0, SHOP_ZONE).replace('T', ' '))
}

export function centsText(cents: number | bigint): string {
  return formatCents(BigInt(cents))
}
