import { isCalendarDate, shiftedDate } from '../../../base/clock.ts'
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

/** The most days that a driver reads at once. */
const DAYS_AT_ONCE = 4
const DAY_LENGTH = 10

/**
 * The documents that a printer printed after the journal's last record, up to `to`, with the contents of its memory. If
 * the memory cannot be read in time, only the numbers are returned. `at`: by the printer's clock, '' if unknown.
 */
export async function foundSince(
  printer: RtPrinter,
  place: KnownPlace | undefined,
  { to, at }: { to: RtPlace; at: string },
): Promise<FoundSpan[]> {
  if (place === undefined || !isAfter(to, place)) return []
  if (printer.documents === undefined) return foundBetween(place, to, await endOfPeriod(printer, place, to))
  const from = { z: place.z, number: place.number + 1 }
  const days = { day: place.day, until: at.slice(0, DAY_LENGTH) }
  const memory = place.day === '' ? undefined : await readWithin(printer, { from, to, ...days }, READING_MS)
  return foundBetween(place, to, memory)
}

/** A printer without texts shows the last document of a closed period, as long as none was printed after it. */
async function endOfPeriod(printer: RtPrinter, place: RtPlace, to: RtPlace): Promise<RtMemory | undefined> {
  if (to.z === place.z || to.number > 0) return undefined
  const last = await unlessSilent(() => printer.lastDocument())
  return last && { documents: [], closures: [{ z: last.z, documents: last.number }] }
}

/** The same without querying the printer. */
export function foundBetween(place: RtPlace, to: RtPlace, memory?: RtMemory): FoundSpan[] {
  const spans: FoundSpan[] = []
  for (let z = place.z; z <= to.z; z++) {
    const first = z === place.z ? place.number + 1 : 1
    const last = z === to.z ? to.number : lastReported(z, memory)
    if (first <= last) spans.push({ z, from: first, to: last, documents: documentsOf(z, memory) })
  }
  return spans
}

export function foundEvents(serial: string, spans: readonly FoundSpan[], operation?: string): NewEvent[] {
  return spans.map(({ z, from, to, documents }) => ({
    kind: 'printer.foreign_document_found',
    op: '',
    body: { found: { serial, z, from, to, ...(operation !== undefined && { operation }), documents } },
  }))
}

/**
 * Undefined if the memory has no texts or cannot be read in time. A shop that was shut for long has its documents near both
 * ends of a span: of more days than a driver reads at once, the first and the last are read. `until`: '' if unknown.
 */
export async function readWithin(
  printer: RtPrinter,
  { from, to, day, until }: Omit<RtSpan, 'until'> & { until: string },
  withinMs: number,
): Promise<RtMemory | undefined> {
  const stretches = [day, until].every(isCalendarDate) ? stretchesOf(day, until) : [{ day }]
  const read: RtMemory[] = []
  for (const days of stretches) {
    const limitMs = withinMs / stretches.length
    const memory = await unlessSilent(async () => printer.documents?.({ from, to, ...days }, limitMs))
    if (memory !== undefined) read.push(memory)
  }
  if (read.length === 0) return undefined
  const documents = new Map(read.flatMap((memory) => memory.documents).map((one) => [one.documentNumber, one]))
  return { documents: [...documents.values()], closures: read.flatMap(({ closures }) => closures) }
}

/** A clock that was set back makes the earlier day the last one. */
function stretchesOf(one: string, other: string): { day: string; until: string }[] {
  const [first, last] = one <= other ? [one, other] : [other, one]
  const until = shiftedDate(first, DAYS_AT_ONCE - 1)
  if (last <= until) return [{ day: first, until: last }]
  const again = shiftedDate(last, 1 - DAYS_AT_ONCE)
  return [
    { day: first, until },
    { day: again > until ? again : shiftedDate(until, 1), until: last },
  ]
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
