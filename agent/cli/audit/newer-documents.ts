import { counted } from '../../../base/text.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { bookWords } from './audit-part.ts'
import { euros, minuteOf } from './note-words.ts'

type Last = { readonly document_number: string } | null
export type NewerDocument = {
  readonly document_number: string
  readonly document_type: string
  readonly printed_at: string | null
  readonly total_amount: string | null
  readonly reference: string | null
}
/** The answer about the last document of a printer. */
export type PrinterAnswer = {
  readonly serial: string | null
  readonly printer: Last
  readonly journal: Last
  readonly agrees: boolean | null
  /** Why the printer could not be read. */
  readonly trouble?: { readonly code: string }
  readonly in_doubt: string | null
  readonly code?: 'rt_memory_ahead' | 'rt_memory_behind'
  readonly level?: 'error' | 'note'
  /** The documents after the journal's last record of the printer. */
  readonly newer?: {
    readonly documents: readonly NewerDocument[]
    readonly unread: { readonly first: string; readonly last: string; readonly count: number } | null
    readonly uncounted: readonly string[]
  }
  /** The journal was set back since its last counters of the printer. */
  readonly restored?: true
}

export type NewerFound = {
  readonly valid: boolean
  readonly lines: readonly string[]
  readonly codes: readonly BookFinding[]
  readonly uncovered: readonly string[]
}

const KINDS: Readonly<Record<string, string>> = { sale: 'vendita', return: 'reso', void: 'annullo' }
/** Documents with the mark of an agent that are named. */
const NAMED_MAX = 20

/**
 * Findings about the ends of printer and journal, and the documents between. One of ours is an objection, one that was
 * keyed in a note with its total. One that the printer does not show is an objection until its next act records it.
 */
export function newerFound(answer: PrinterAnswer): NewerFound {
  const { code, level, newer, restored, printer, journal } = answer
  const serial = answer.serial ?? '?'
  const findings = new BookFindings(LAW_BOOKS)
  const documents = newer?.documents ?? []
  const unread = restored === true ? null : (newer?.unread ?? null)
  const none = 'nessun documento'
  const knownNumber = journal?.document_number ?? none
  const document = printer?.document_number ?? documents.at(-1)?.document_number ?? unread?.last ?? none
  if (code !== undefined) findings.add(code, 0, { serial, document, known: knownNumber })
  for (const { document_number: name, total_amount: sum, reference } of documents)
    if (reference === null) findings.add('rt_document_by_hand', 0, { serial, document: name, sum: sum ?? '?' })
  const isError = level === 'error' || unread !== null
  const codes = findings.all().map((finding) => (finding.code === code && !isError ? asNote(finding) : finding))
  const ours = documents.filter(({ reference }) => reference !== null)
  return {
    valid: !isError,
    lines: [
      ...bookWords(codes, 'it'),
      ...ours
        .slice(0, NAMED_MAX)
        .map((one) => documentLine({ ...one, printed_at: one.printed_at && minuteOf(one.printed_at) })),
      ...(unread === null ? [] : [unreadLine(serial, knownNumber, unread)]),
    ],
    codes,
    uncovered: uncountedLines(answer),
  }
}

/** `Nella memoria della stampante: documento 0142-0002, vendita, 2026-11-26 10:00, 3,00 EUR, REF …` */
export function documentLine(document: NewerDocument): string {
  const { document_number: name, document_type: type, printed_at: at, total_amount: total, reference } = document
  const facts = [KINDS[type] ?? type, at?.replace('T', ' '), total === null ? undefined : euros(total)]
  const mark = reference === null ? [] : [`REF ${reference}`]
  return `Nella memoria della stampante: documento ${name}, ${[...facts.filter((fact) => fact !== undefined), ...mark].join(', ')}`
}

function asNote(finding: BookFinding): BookFinding {
  return { ...finding, level: 'note' }
}

/** An honest shop has it too, until the next act on the printer. */
function unreadLine(
  serial: string,
  knownNumber: string,
  { first, last, count }: NonNullable<NonNullable<PrinterAnswer['newer']>['unread']>,
): string {
  const names = first === last ? first : `${first} … ${last}`
  const amounts = count === 1 ? 'importo ignoto' : 'importi ignoti'
  return `Stampante ${serial}: dopo il documento ${knownNumber} ha ${counted(count, 'documento', 'documenti')} (${names}), ${amounts}: presentare la carta. La prossima vendita o chiusura su questa stampante li registra, poi diventa una nota. (rt_memory_ahead)`
}

function uncountedLines({ serial, journal, newer }: PrinterAnswer): string[] {
  const [first, last] = [newer?.uncounted[0], newer?.uncounted.at(-1)]
  if (first === undefined || last === undefined) return []
  const closings = first === last ? `chiusura ${first}` : `chiusure da ${first} a ${last}`
  return [
    `Se la stampante ${serial ?? '?'} ha emesso altri documenti dopo il documento ${journal?.document_number ?? '–'} fino a: ${closings}. Il numero dei suoi documenti non era leggibile.`,
  ]
}
