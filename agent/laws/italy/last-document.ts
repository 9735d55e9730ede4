import type { Json } from '../../../base/canonical.ts'
import { formatCents } from '../../../base/money.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { RtBaseline, RtLastDocument, RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import type { Trouble } from '../../devices/usable.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { documentOf } from './document-json.ts'
import type { KnownPlace, KnownPlaces } from './known-place.ts'
import type { Compared } from './last-document-advice.ts'
import { agreeing, comparison, isAfter, nameOf } from './last-document-advice.ts'
import type { NewerDocuments } from './newer-documents.ts'
import { newerDocuments } from './newer-documents.ts'
import { four } from './original.ts'
import { printerActOf } from './printer-act.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded } from './recorded.ts'
import { instantOf, romeDay } from './rome-time.ts'

const DAY_LENGTH = 10

type Source = JournalSource & { view: Pick<View, 'openIntents' | 'bodyAt' | 'operation'> }

/** `isBrief`: only the comparison is needed. */
type Asking = { source: Source; places: Pick<KnownPlaces, 'of'>; isBrief: boolean }

/** A document that may have been printed; its outcome is unknown. */
type UnresolvedPrint = { operation: string; reference: string | undefined; baseline: RtBaseline }
/** `day`: of the last document; without one in its running period the present one, '' if unknown. */
type PrinterReport = { serial: string; last: RtLastDocument | undefined; closures: number; day: string }

/**
 * Compares the last document of a printer with the journal, for a person: reads the printer's memory, prints and
 * records nothing. If the printer does not answer, the result has `trouble`.
 */
export async function lastDocumentOf(
  device: string,
  unit: RtPrinter,
  enrolled: string | undefined,
  { source, places, isBrief }: Asking,
): Promise<Json> {
  const mayAgree = isBrief && unresolvedOn(source.view, device) === undefined
  const agreed = mayAgree ? await agreedBy(unit, enrolled, source) : undefined
  if (agreed !== undefined) return agreed
  const report = await reportOf(unit)
  const serial = 'trouble' in report ? enrolled : report.serial
  const recorded = serial === undefined ? undefined : await lastRecorded(source, serial)
  const unresolved = unresolvedOn(source.view, device)
  const known = serial === undefined ? undefined : await places.of(serial)
  const compared = { device, enrolled, report, recorded, known, unresolved }
  const newer = isBrief ? undefined : await newerOf(unit, compared)
  const { agrees, advice, code, level } = comparison({ ...compared, newer })
  return {
    device,
    serial: serial ?? null,
    ...endsJson(compared, source),
    in_doubt: unresolved?.operation ?? null,
    agrees,
    ...(code !== undefined && { code, level }),
    ...(newer !== undefined && { newer: newerJson(newer) }),
    ...(known?.isRestored === true && { restored: true }),
    advice,
  }
}

/**
 * By the printer's counters alone, if they end with the last document of the journal: some memories take a whole day to
 * read, and no till can print during that time.
 */
async function agreedBy(unit: RtPrinter, enrolled: string | undefined, source: Source): Promise<Json | undefined> {
  try {
    await unit.open()
    const { serial, z, number } = await unit.baseline()
    const recorded = serial === enrolled ? await lastRecorded(source, serial) : undefined
    if (recorded === undefined || recorded.z !== z + 1 || recorded.number !== number) return undefined
    return { agrees: true, advice: agreeing(recorded) }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return undefined
  }
}

/** Asked twice if the connection turns out to be broken: it may have been so for long, unnoticed. */
async function reportOf(unit: RtPrinter): Promise<PrinterReport | { trouble: Trouble }> {
  const report = await readFrom(unit)
  return 'trouble' in report && report.trouble.code === 'unavailable' ? readFrom(unit) : report
}

async function readFrom(unit: RtPrinter): Promise<PrinterReport | { trouble: Trouble }> {
  try {
    await unit.open()
    const { serial } = await unit.identity()
    const last = await unit.lastDocument()
    const { z, at } = await unit.baseline()
    const day = (last === undefined ? at : (last.printedAt ?? '')).slice(0, DAY_LENGTH)
    return { serial, last, closures: z, day }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return { trouble: { code: error.code, message: error.message } }
  }
}

type Ends = { report: PrinterReport | { trouble: Trouble }; recorded: Recorded | undefined }

/** Not while the outcome of a document is open: it may be one of them. */
async function newerOf(
  unit: RtPrinter,
  {
    enrolled,
    report,
    recorded,
    known,
    unresolved,
  }: Omit<Compared, 'report' | 'known' | 'recorded'> & Ends & { known: KnownPlace | undefined },
): Promise<NewerDocuments | undefined> {
  // A printer that was enrolled again has no counters since, but what it printed before is in the journal.
  const start = known ?? (recorded && { ...recorded, day: romeDay(recorded.facts.printed_at) })
  if ('trouble' in report || report.serial !== enrolled || start === undefined || unresolved !== undefined)
    return undefined
  const to = report.last ?? { z: report.closures + 1, number: 0 }
  if (!isAfter(to, start)) return undefined
  return newerDocuments(unit, start, { to: { z: to.z, number: to.number }, day: report.day })
}

/** The last document of a printer according to the journal. */
export async function lastRecorded(source: JournalSource, serial: string): Promise<Recorded | undefined> {
  let last: Recorded | undefined
  for await (const page of newestRecorded(source, serial, (documents) => documents.length > 0))
    for (const each of page.documents) if (last === undefined || isAfter(each, last)) last = each
  return last
}

/** At most one: no other act is planned on the printer before it is reconciled. */
function unresolvedOn(view: Source['view'], device: string): UnresolvedPrint | undefined {
  for (const row of view.openIntents()) {
    const { act } = view.bodyAt(row.seq)
    const asked = act && printerActOf(act)
    if (row.device !== device || asked?.name !== 'print') continue
    const document = documentOf(asked.document)
    if (document.kind === 'non_fiscal' || document.kind === 'cash') continue
    const reference = document.kind === 'void' ? undefined : document.reference
    return { operation: row.op, reference, baseline: asked.baseline }
  }
  return undefined
}

function printerJson({ kind, documentNumber, printedAt, totalCents, reference }: RtLastDocument): Json {
  return {
    document_type: kind,
    document_number: documentNumber,
    printed_at: instantOf(printedAt) ?? null,
    total_amount: totalCents === undefined ? null : formatCents(totalCents),
    reference: reference ?? null,
  }
}

/** The last document of both, and the reason if the printer does not report its own. */
function endsJson({ report, recorded }: Ends, source: Source): { readonly [member: string]: Json } {
  return {
    printer: 'trouble' in report || report.last === undefined ? null : printerJson(report.last),
    ...('trouble' in report && { trouble: report.trouble }),
    journal: recorded === undefined ? null : recordedJson(recorded, source.view.operation(recorded.operation)),
  }
}

function newerJson({ documents, unread, uncounted }: NewerDocuments): Json {
  return {
    documents: documents.map(printerJson),
    unread: unread === undefined ? null : { ...unread, first: nameOf(unread.first), last: nameOf(unread.last) },
    uncounted: uncounted.map(four),
  }
}

function recordedJson({ operation, facts }: Recorded, document: OperationDocument | undefined): Json {
  return {
    operation_id: operation,
    document_type: facts.document_type,
    document_number: facts.document_number,
    printed_at: facts.printed_at,
    total_amount: document !== undefined && isGoods(document) ? document.shown.total_amount : null,
  }
}
