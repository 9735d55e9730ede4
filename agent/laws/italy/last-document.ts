import type { Json } from '../../../base/canonical.ts'
import { formatCents } from '../../../base/money.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { FiscalPrinter, RtBaseline, RtLastDocument } from '../../../drivers/ports/fiscal-printer.ts'
import type { Trouble } from '../../devices/usable.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/kinds.ts'
import type { View } from '../../journal/projections/view.ts'
import { documentOf } from './document-json.ts'
import type { KnownPlaces } from './known-place.ts'
import { agreeing, comparison, isAfter } from './last-document-advice.ts'
import { printerActOf } from './printer-act.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded } from './recorded.ts'
import { instantOf } from './rome-time.ts'

type Source = JournalSource & { view: Pick<View, 'openIntents' | 'bodyAt' | 'operation'> }

/** `isBrief`: only the comparison is needed. */
type Asking = { source: Source; places: Pick<KnownPlaces, 'of'>; isBrief: boolean }

/** A document that may have been printed; its outcome is unknown. */
type UnresolvedPrint = { operation: string; reference: string | undefined; baseline: RtBaseline }
type PrinterReport = { serial: string; last: RtLastDocument | undefined; closures: number }

/**
 * Compares the last document of a printer with the journal, for a person: reads the printer's memory, prints and
 * records nothing. If the printer does not answer, the result has `trouble`.
 */
export async function lastDocumentOf(
  device: string,
  unit: FiscalPrinter,
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
  const { agrees, advice, code, level } = comparison({ device, enrolled, report, recorded, known, unresolved })
  return {
    device,
    serial: serial ?? null,
    printer: 'trouble' in report || report.last === undefined ? null : printerJson(report.last),
    ...('trouble' in report && { trouble: report.trouble }),
    journal: recorded === undefined ? null : recordedJson(recorded, source.view.operation(recorded.operation)),
    in_doubt: unresolved?.operation ?? null,
    agrees,
    ...(code !== undefined && { code, level }),
    advice,
  }
}

/**
 * By the printer's counters alone, if they end with the last document of the journal: some memories take a whole day to
 * read, and no till can print during that time.
 */
async function agreedBy(unit: FiscalPrinter, enrolled: string | undefined, source: Source): Promise<Json | undefined> {
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
async function reportOf(unit: FiscalPrinter): Promise<PrinterReport | { trouble: Trouble }> {
  const report = await readFrom(unit)
  return 'trouble' in report && report.trouble.code === 'unavailable' ? readFrom(unit) : report
}

async function readFrom(unit: FiscalPrinter): Promise<PrinterReport | { trouble: Trouble }> {
  try {
    await unit.open()
    const { serial } = await unit.identity()
    const last = await unit.lastDocument()
    return { serial, last, closures: last === undefined ? (await unit.health()).z : last.z - 1 }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return { trouble: { code: error.code, message: error.message } }
  }
}

/** The last document of a printer according to the journal. */
async function lastRecorded(source: JournalSource, serial: string): Promise<Recorded | undefined> {
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

function recordedJson({ operation, facts }: Recorded, document: OperationDocument | undefined): Json {
  return {
    operation_id: operation,
    document_type: facts.document_type,
    document_number: facts.document_number,
    printed_at: facts.printed_at,
    total_amount: document !== undefined && isGoods(document) ? document.shown.total_amount : null,
  }
}
