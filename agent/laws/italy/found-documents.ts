import { formatCents } from '../../../base/money.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { RtMemory, RtPlace, RtPrinter, RtSpan } from '../../../drivers/ports/rt-printer.ts'
import type { FoundDocuments, NewEvent } from '../../journal/events.ts'
import type { KnownPlace } from './known-place.ts'
import { isAfter } from './last-document-advice.ts'
import type { FoundSpan } from './printer-act.ts'

/** Time limit: a till waits. */
const READING_MS = 3000
/** Maximum number of documents in one event. */
const DOCUMENTS_MAX = 200

/**
 * The documents that a printer printed after the journal's last record, up to `to`, with the contents of its memory. If
 * the memory cannot be read in time, only the numbers are returned.
 */
export async function foundSince(printer: RtPrinter, known: KnownPlace | undefined, to: RtPlace): Promise<FoundSpan[]> {
  if (known === undefined || !isAfter(to, known)) return []
  if (printer.documents === undefined) return foundBetween(known, to, await endOfPeriod(printer, known, to))
  const from = { z: known.z, number: known.number + 1 }
  const memory = known.day === '' ? undefined : await readWithin(printer, { from, to, day: known.day }, READING_MS)
  return foundBetween(known, to, memory)
}

/** A printer without texts shows the last document of a closed period, as long as none was printed after it. */
async function endOfPeriod(printer: RtPrinter, known: RtPlace, to: RtPlace): Promise<RtMemory | undefined> {
  if (to.z === known.z || to.number > 0) return undefined
  const last = await unlessSilent(() => printer.lastDocument())
  return last && { documents: [], closures: [{ z: last.z, documents: last.number }] }
}

/** The same without querying the printer. */
export function foundBetween(known: RtPlace, to: RtPlace, memory?: RtMemory): FoundSpan[] {
  const spans: FoundSpan[] = []
  for (let z = known.z; z <= to.z; z++) {
    const first = z === known.z ? known.number + 1 : 1
    const last = z === to.z ? to.number : lastReported(z, memory)
    if (first <= last) spans.push({ z, from: first, to: last, documents: documentsOf(z, memory) })
  }
  return spans
}

export function foundEvents(serial: string, spans: readonly FoundSpan[], operation?: string): NewEvent[] {
  return spans.map(({ z, from, to, documents }) => ({
    kind: 'print.foreign_found',
    op: '',
    body: { found: { serial, z, from, to, ...(operation !== undefined && { operation }), documents } },
  }))
}

/** Undefined if the memory has no texts or cannot be read in time. */
export async function readWithin(printer: RtPrinter, span: RtSpan, withinMs: number): Promise<RtMemory | undefined> {
  return unlessSilent(async () => printer.documents?.(span, withinMs))
}

/** Undefined if the device does not answer. */
async function unlessSilent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return undefined
  }
}

/** The last number of a closed period; 0 if unknown. */
function lastReported(z: number, memory: RtMemory | undefined): number {
  const numbers = (memory?.documents ?? []).filter((document) => document.z === z).map(({ number }) => number)
  const counted = (memory?.closures ?? []).filter((closure) => closure.z === z).map(({ documents }) => documents)
  return Math.max(0, ...numbers, ...counted)
}

export function documentsOf(z: number, memory: RtMemory | undefined): FoundDocuments['documents'] {
  return (memory?.documents ?? [])
    .filter((document) => document.z === z)
    .slice(0, DOCUMENTS_MAX)
    .map(({ number, kind, printedAt, totalCents, reference }) => ({
      number,
      kind,
      printed_at: printedAt ?? null,
      total_amount: totalCents === undefined ? null : formatCents(totalCents),
      reference: reference ?? null,
    }))
}
