import { shiftedDate } from '../../../base/clock.ts'
import { counted, spansOf } from '../../../base/text.ts'
import { codeOf, messageOf } from '../../../base/thrown.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import { PRINTERS_AND_JOURNAL } from '../../laws/italy/audit.ts'
import { printersIn } from '../../laws/italy/books/coverage.ts'
import type { PrinterCoverage, Uncounted } from '../../laws/italy/books/printer.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import type { PrintedRange } from '../../till/administration.ts'
import type { Technician } from '../daemon/admin-client.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, bookWords } from './audit-part.ts'
import { readingsOf } from './missing-readings.ts'
import type { PrinterAnswer } from './newer-documents.ts'
import { documentLine, newerFound } from './newer-documents.ts'

type Asked = Pick<Technician, 'deviceAct'>
type Verified = Pick<JournalReport, 'codes' | 'coverage'>
type Found = {
  number: number
  kind: string
  printed_at: string | null
  total_amount: string | null
  reference: string | null
}

/** Documents to read for one gap. */
const NUMBERS_MAX = 200
/** Readings for one printer: each may take two minutes, in which no till prints. */
const READINGS_MAX = 10
/** Days of a memory that are read whole; of a longer time the first and the last ones. */
const DAYS_READ = 8
/** The highest number of a document in its period. */
const NUMBER_MAX = 9999

/**
 * Compares the last document of each printer with the journal and reads the documents that the journal does not contain.
 * `shown`: those that were read, each after the serial number of its printer.
 */
export async function printerParts(
  technician: Asked,
  printers: readonly string[],
  { codes, coverage }: Verified,
): Promise<{ parts: AuditPart[]; shown: ReadonlySet<string> }> {
  const parts: AuditPart[] = []
  const shown = new Set<string>()
  const asked = new Map<string, readonly Uncounted[]>()
  for (const id of printers) {
    const { part, serial, unread = [], documents = [] } = await printerPart(technician, id, { codes, coverage })
    if (serial !== undefined) asked.set(serial, unread)
    for (const document of documents) shown.add(`${serial} ${document}`)
    parts.push(part)
  }
  const covered = printersIn(coverage).filter(({ documents, closings }) => documents + closings > 0)
  if (covered.length > 0) parts.push(coveragePart(covered, asked))
  return { parts, shown }
}

/** The part that says which documents the counters and closings of the printers prove, and which they do not. */
function coveragePart(
  coverage: readonly PrinterCoverage[],
  asked: ReadonlyMap<string, readonly Uncounted[]>,
): AuditPart {
  const sumOf = (member: 'documents' | 'unsummed' | 'closings'): number =>
    coverage.reduce((sum, each) => sum + each[member], 0)
  const documents = sumOf('documents')
  const summed = documents - sumOf('unsummed')
  const summary = `confrontati con i contatori delle stampanti: ${counted(documents, 'documento', 'documenti')} e ${counted(sumOf('closings'), 'chiusura', 'chiusure')}; con i totali della loro chiusura: ${counted(summed, 'documento', 'documenti')}`
  const uncovered = coverage.flatMap((each) => uncoveredOf(each, asked.get(each.serial)))
  return auditPart('sound', PRINTERS_AND_JOURNAL, summary, [], { uncovered })
}

/** `unread`: the periods that the printer closed without a request and that were not read; undefined if it was not asked. */
function uncoveredOf(
  { serial, unsummed, open, uncounted }: PrinterCoverage,
  unread: readonly Uncounted[] | undefined,
): string[] {
  const memory = unread
    ? `Il contenuto dettagliato della memoria della stampante ${serial}: è stata confrontata la fine, ed è stato letto ciò che manca nelle registrazioni.`
    : `Il contenuto della memoria della stampante ${serial}: non è stata letta.`
  // No printer reports its totals by rate (RCH and Custom have sums of the day, Epson none).
  const rates = `Le aliquote nella memoria della stampante ${serial}: non indica totali per aliquota. Sono stati confrontati, aliquota per aliquota, operazioni, ordini di stampa e chiusure delle registrazioni.`
  const running =
    open === null
      ? []
      : [`Il periodo in corso ${four(open)} della stampante ${serial}: la sua chiusura non è ancora stata fatta.`]
  const sums =
    unsummed === 0
      ? []
      : [
          `${counted(unsummed, 'documento', 'documenti')} della stampante ${serial} senza totali di una chiusura: gli importi sono comprovati solo dal registro.`,
        ]
  const left = unread ?? uncounted
  const closed =
    left.length === 0
      ? []
      : [
          `Se in ${counted(left.length, 'periodo', 'periodi')} (${spansOf(left.map(({ z }) => z).reverse(), four)}) che la stampante ${serial} ha chiuso senza richiesta ci sono altri documenti dopo l'ultimo registrato: non confrontato.`,
        ]
  return [memory, rates, ...running, ...sums, ...closed]
}

async function printerPart(
  technician: Asked,
  id: string,
  { codes, coverage }: Verified,
): Promise<{ part: AuditPart; serial?: string; unread?: readonly Uncounted[]; documents?: readonly string[] }> {
  const name = `Stampante ${id} / registro`
  try {
    const answer = (await technician.deviceAct(id, 'last-document')) as unknown as PrinterAnswer
    const { agrees, printer, serial, trouble } = answer
    const isSilent = serial === null || trouble !== undefined
    const read = isSilent ? NOTHING : await readMissing(technician, id, serial, codes)
    if (agrees === null) {
      const uncovered = [`Dove termina la memoria della stampante ${serial ?? id}: non è stata letta.`]
      const summary = `non confrontata: ${whyNot(id, answer)}`
      return { part: auditPart('note', name, summary, read.lines, { uncovered }) }
    }
    const last =
      printer === null
        ? "nessun documento dopo l'ultima chiusura"
        : `termina con il documento ${printer.document_number}`
    const { valid, lines, codes: newerCodes, uncovered: unnamed } = newerFound(answer)
    const uncounted = printersIn(coverage).find((each) => each.serial === serial)?.uncounted ?? []
    const closed = isSilent ? { ...NOTHING, unread: uncounted } : await readUncounted(technician, id, serial, uncounted)
    const findings = [...lines, ...read.lines, ...closed.lines]
    const uncovered = [...unnamed, ...(read.uncovered ?? [])]
    const isValid = valid && !read.isForeign && !closed.isForeign
    // Documents that the journal does not have are never in order, even without an objection.
    const state = !isValid ? 'fault' : newerCodes.length > 0 ? 'note' : 'sound'
    const part = auditPart(state, name, last, findings, { codes: newerCodes, uncovered })
    return { part, ...(serial !== null && { serial, unread: closed.unread, documents: read.shown }) }
  } catch (error) {
    const why = unasked(id, codeOf(error) ?? messageOf(error))
    return { part: auditPart('fault', name, 'non confrontata', [why]) }
  }
}

/** Why nothing was compared; the message in the answer is in English. */
function whyNot(id: string, { serial, trouble, in_doubt: operation }: PrinterAnswer): string {
  if (trouble !== undefined) return unasked(serial === null ? id : `${id} (${serial})`, trouble.code)
  if (operation !== null) return `Non è ancora noto se l'operazione ${operation} è stata stampata.`
  return `Come ${id} è collegata una stampante diversa da quella registrata: ${serial ?? '?'}.`
}

function unasked(printer: string, code: string): string {
  return `La stampante ${printer} non ha potuto essere interrogata (${code}).`
}

function four(z: number): string {
  return String(z).padStart(4, '0')
}

/** `isForeign`: a document that the journal does not contain has the reference of an agent. */
type Reading = {
  readonly lines: readonly string[]
  readonly isForeign: boolean
  readonly uncovered?: readonly string[]
  /** Documents that it showed. */
  readonly shown: readonly string[]
}
const NOTHING: Reading = { lines: [], isForeign: false, shown: [] }

/**
 * Reads the documents that the journal does not contain, or that the agent could not read; never the whole memory. The
 * newest are read first: some printers read a day at 9600 baud for each question.
 */
async function readMissing(
  technician: Asked,
  id: string,
  serial: string,
  codes: JournalReport['codes'],
): Promise<Reading> {
  const [lines, shown]: [string[], string[]] = [[], []]
  let isForeign = false
  const spans = readingsOf(codes.flatMap((code) => rangeOf(code, serial) ?? []))
  for (const { range, wanted } of spans.slice(0, READINGS_MAX)) {
    const read = ((await technician.deviceAct(id, range)) ?? []) as unknown as Found[]
    const documents = read.filter(({ number }) => wanted.has(number))
    shown.push(...documents.map(({ number }) => `${four(range.z)}-${four(number)}`))
    lines.push(...documents.map((document) => foundLine(range.z, document)))
    isForeign ||= documents.some(({ reference }) => reference !== null)
  }
  const unread = spans.slice(READINGS_MAX).map(({ range }) => `${nameOf(range, 'from')} … ${nameOf(range, 'to')}`)
  const uncovered =
    unread.length === 0
      ? []
      : [
          `Il contenuto della memoria della stampante ${serial} su ${unread.join(', ')}: non si legge tanto in una volta.`,
        ]
  return { lines, isForeign, uncovered, shown }
}

/**
 * The periods that the printer closed without a request, the newest first: what each has after the last recorded document.
 * `unread`: those that its memory did not show whole. A printer that showed none shows no further one now.
 */
async function readUncounted(
  technician: Asked,
  id: string,
  serial: string,
  uncounted: readonly Uncounted[],
): Promise<Reading & { readonly unread: readonly Uncounted[] }> {
  const findings = new BookFindings(LAW_BOOKS)
  const unread: Uncounted[] = []
  let [isForeign, isSilent] = [false, false]
  for (const [index, period] of uncounted.entries()) {
    const isAsked = index < READINGS_MAX && !isSilent && period.day !== '' && period.until !== ''
    const documents = isAsked ? await documentsAfter(technician, id, period) : null
    isSilent ||= isAsked && documents === null
    if (documents === null || period.until > shiftedDate(period.day, DAYS_READ - 1)) unread.push(period)
    for (const document of documents ?? []) isForeign = addFound(findings, serial, period.z, document) || isForeign
  }
  return { lines: bookWords(findings.all(), 'it'), isForeign, unread, shown: [] }
}

/** Null if its memory did not show them. */
async function documentsAfter(
  technician: Asked,
  id: string,
  { z, top, day, until }: Uncounted,
): Promise<Found[] | null> {
  const range: PrintedRange = { act: 'documents', z, from: top + 1, to: NUMBER_MAX, day, until }
  return (await technician.deviceAct(id, range)) as unknown as Found[] | null
}

/** True if the document has the reference of an agent. */
function addFound(findings: BookFindings, serial: string, z: number, { number, ...printed }: Found): boolean {
  const { total_amount: sum, reference } = printed
  const document = [z, number].map(four).join('-')
  if (reference === null) findings.add('rt_document_by_hand', 0, { serial, document, sum: sum ?? '?' })
  else findings.add('rt_document_unknown', 0, { serial, document: `${document} (REF ${reference})` })
  return reference !== null
}

const READ: ReadonlySet<string> = new Set(['rt_document_unknown', 'rt_document_unread'])

function rangeOf(code: JournalReport['codes'][number], serial: string): PrintedRange | undefined {
  if (!READ.has(code.code) || !('facts' in code) || code.serial !== serial) return undefined
  const { z, from, to, day, until } = code.facts
  if (typeof z !== 'number' || typeof from !== 'number' || typeof to !== 'number' || day === '') return undefined
  const last = Math.min(to, from + NUMBERS_MAX - 1)
  return { act: 'documents', z, from, to: last, day: String(day), until: String(until) }
}

function nameOf(range: PrintedRange, end: 'from' | 'to'): string {
  return [range.z, range[end]].map(four).join('-')
}

function foundLine(z: number, { number, kind, ...printed }: Found): string {
  const name = [z, number].map(four).join('-')
  return documentLine({ ...printed, document_number: name, document_type: kind })
}
