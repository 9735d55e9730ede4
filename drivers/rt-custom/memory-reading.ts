import { DeviceError } from '../errors.ts'
import type { RtMemory, RtPlace, RtSpan } from '../ports/rt-printer.ts'
import { four, NUMBER_MAX } from '../rt/document-number.ts'
import { memoryWithin } from '../rt/memory-span.ts'
import type { MemoryDocument, MemoryText } from '../rt/memory-text.ts'
import type { RtCounters } from '../rt/unit.ts'
import type { CustomSession } from './session.ts'

/** Limit for the lines of one document. */
const LINES_MAX = 10_000

/** Reads the documents after a place, each by its number, across closures until none follows. */
export async function readSince(
  session: CustomSession,
  after: RtCounters,
  now: RtCounters,
  signal: AbortSignal,
): Promise<MemoryText> {
  const documents: MemoryDocument[] = []
  const closures = new Map<number, number>()
  for (let z = after.z + 1; z <= now.z + 1; z += 1) {
    const first = z === after.z + 1 ? Math.max(0, after.number) + 1 : 1
    const read = await readPeriod(session, { z, number: first }, NUMBER_MAX, signal)
    documents.push(...read)
    if (z <= now.z) closures.set(z, first + read.length - 1)
  }
  return { documents, closures }
}

/** The documents of a span, and the last number of each period that ends in it. */
export async function readSpan(session: CustomSession, span: RtSpan, signal: AbortSignal): Promise<RtMemory> {
  const { from, to } = span
  const documents: MemoryDocument[] = []
  const closures = new Map<number, number>()
  for (let { z } = from; z <= to.z; z += 1) {
    const first = z === from.z ? from.number : 1
    const read = await readPeriod(session, { z, number: first }, z === to.z ? to.number : NUMBER_MAX, signal)
    documents.push(...read)
    if (z < to.z) closures.set(z, first + read.length - 1)
  }
  return memoryWithin({ documents, closures }, span)
}

async function readPeriod(
  session: CustomSession,
  { z, number: first }: RtPlace,
  last: number,
  signal: AbortSignal,
): Promise<readonly MemoryDocument[]> {
  const documents: MemoryDocument[] = []
  for (let number = first; number <= last; number += 1) {
    const document = await readDocument(session, { z, number }, signal)
    if (document === undefined) break
    documents.push(document)
  }
  return documents
}

/** Undefined if the memory has no document of that number: an error, or an empty range. */
export async function readDocument(
  session: CustomSession,
  place: RtPlace,
  signal: AbortSignal,
): Promise<MemoryDocument | undefined> {
  const number = four(place.number)
  const range = await session.ask(`8006${four(place.z)}${number}${number}`, signal).catch(noneIfRefused)
  if (range === undefined) return undefined
  const [first, end] = [range.slice(0, 9), range.slice(9, 18)].map(Number)
  if (first === undefined || end === undefined || !/^\d{36}$/.test(range) || end - first > LINES_MAX)
    throw new DeviceError('garbled', 'none', '8006: not the lines of a document')
  if (end <= first) return undefined
  const lines: string[] = []
  for (let line = first; line < end; line += 1)
    lines.push((await session.ask(`8004${String(line).padStart(9, '0')}`, signal)).trim())
  return documentIn(lines, place)
}

function noneIfRefused(error: unknown): undefined {
  if (error instanceof DeviceError && error.code === 'refused') return undefined
  throw error
}

/**
 * No layout is published. The number is that of the question; read are the type, our own lines, the document that a
 * void or return names, the total and the time. An aborted one has our lines and is not our document.
 */
function documentIn(lines: readonly string[], { z, number }: RtPlace): MemoryDocument {
  const isAborted = lines.some((line) => /^TRANSAZIONE ANNULLATA/i.test(line))
  const heading = lines.findIndex((line) => /^DESCRIZIONE\b/i.test(line))
  // Goods may be called "Buono reso merce": with their amount next to them if the layout has no heading for them.
  const head = lines.slice(0, heading < 0 ? lines.length : heading).filter((line) => !/[,.]\d\d$|^#/.test(line))
  const kind = head.some((line) => /ANNULLAMENTO/i.test(line))
    ? 'void'
    : head.some((line) => /RESO MERCE/i.test(line))
      ? 'return'
      : 'sale'
  return {
    ...{ kind: isAborted ? 'sale' : kind, z, number },
    original: kind === 'sale' || isAborted ? undefined : originalIn(head, { z, number }),
    texts: isAborted ? [] : lines.flatMap((line) => (line.startsWith('#') ? [line.slice(1).trim()] : [])),
    totalCents: isAborted ? 0n : totalIn(lines),
    printedAt: timeIn(lines),
  }
}

function originalIn(head: readonly string[], own: RtPlace): MemoryDocument['original'] {
  for (const line of head) {
    const [, z, number] = /\b(\d{4})-(\d{4})\b/.exec(line) ?? []
    const [, day, month, year] = /\b(\d\d)[/-](\d\d)[/-](?:20)?(\d\d)\b/.exec(line) ?? []
    const isOther = z !== undefined && !(Number(z) === own.z && Number(number) === own.number)
    if (isOther) return { z: Number(z), number: Number(number), date: day ? `20${year}-${month}-${day}` : '' }
  }
  return undefined
}

function totalIn(lines: readonly string[]): bigint | undefined {
  const text = lines.join('\n')
  const match = /^TOTALE\s+COMPLESSIVO\s+(?:EUR\s*)?([\d.,]*\d)[,.](\d\d)$/im.exec(text)
  return match ? BigInt(`${match[1]?.replaceAll(/[.,]/g, '')}${match[2]}`) : undefined
}

function timeIn(lines: readonly string[]): string | undefined {
  const last = lines.findLast((line) => DATE_AND_TIME.test(line))
  const [, day, month, year, time] = DATE_AND_TIME.exec(last ?? '') ?? []
  return time === undefined ? undefined : `20${year}-${month}-${day}T${time}`
}

const DATE_AND_TIME = /^(\d\d)[/-](\d\d)[/-](?:20)?(\d\d)\s+(\d\d:\d\d)/
