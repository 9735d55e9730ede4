import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtLastDocument, RtOriginal } from '../ports/rt-printer.ts'
import { documentNumberOf } from './document-number.ts'
import type { MemoryDocument, MemoryText } from './memory-text.ts'
import { isAfter, isComplete } from './memory-text.ts'
import type { Mistaken, RtCounters, RtFound, Search } from './unit.ts'

const MARKER = 'REF '
/**
 * Limit for incomplete readings in a row: a replaced memory, or one written with a wrong clock, never becomes complete.
 */
const INCOMPLETE_MAX = 3

/** Reads the detail memory for a document, repeatedly if necessary. */
export function memorySearch(
  document: RtDocument,
  baseline: RtBaseline,
  read: (now: RtCounters, signal: AbortSignal) => Promise<MemoryText | undefined>,
): Search {
  let absentAt: RtCounters | undefined
  let incomplete = 0
  return async (now, signal) => {
    const text = await read(now, signal).catch(nothingIn)
    if (!text) return 'again'
    if (!isComplete(text, baseline, now)) {
      incomplete += 1
      if (incomplete < INCOMPLETE_MAX) return 'again'
      throw new DeviceError('print_unresolved', 'unknown', lackedSince(baseline, now))
    }
    incomplete = 0
    const match = matchIn(text, document, baseline)
    if (match && (!('mistaken' in match) || match.mistaken)) return match
    // Texts have no check digits against a flipped bit: "not among them" must be read twice.
    const isSecond = absentAt?.z === now.z && absentAt.number === now.number
    absentAt = now
    return isSecond ? match : 'again'
  }
}

/** Our document, or what was printed instead. */
function matchIn(text: MemoryText, document: RtDocument, baseline: RtBaseline): RtFound | Mistaken | undefined {
  const newer = text.documents.filter((each) => isAfter(each, baseline))
  const mistaken = newer.filter((each) => isMistaken(each, document))
  const standing = mistaken.find((each) => !isAnnulled(each, text))
  const annulled = mistaken.filter((each) => isAnnulled(each, text)).map(({ z, number }) => documentNumberOf(z, number))
  const ours = newer.find((each) => isOurs(each, document))
  if (ours) return annulled.length === 0 ? ours : { ...ours, annulled }
  return mistaken.length === 0 ? undefined : { mistaken: standing && originalOf(standing, baseline), annulled }
}

/** The line that distinguishes our document from an equal one. */
export function markerOf(reference: string): string {
  return `${MARKER}${reference}`
}

/** Without a reference if the document is not ours. */
export function lastDocumentOf({ kind, z, number, printedAt, totalCents, texts }: MemoryDocument): RtLastDocument {
  const reference = texts.find((text) => text.startsWith(MARKER))?.slice(MARKER.length)
  return { kind, z, number, documentNumber: documentNumberOf(z, number), printedAt, totalCents, reference }
}

/** A printer that refuses the reading has nothing of these days, for example after its memory was replaced. */
export function nothingIn(error: unknown): MemoryText {
  const isRefused = error instanceof DeviceError && ['refused', 'document_unknown'].includes(error.code)
  if (isRefused) return { documents: [], closures: new Map() }
  throw error
}

/** First and last day to read: if the clock was set back since the baseline, the baseline's day is the later one. */
export function searchedDays({ at }: RtBaseline, today: string): readonly [from: string, until: string] {
  if (at === '') return [today, today]
  return at > today ? [today, at] : [at, today]
}

function lackedSince(baseline: RtCounters, now: RtCounters): string {
  const [first, last] = [baseline, now].map(({ z, number }) => documentNumberOf(z + 1, number))
  return `documents between ${first} and ${last} are missing in the memory of the printer: look at the paper`
}

function isOurs(candidate: MemoryDocument, document: RtDocument): boolean {
  if (candidate.kind !== document.kind) return false
  if (document.kind === 'void')
    return candidate.original?.z === document.original.z && candidate.original.number === document.original.number
  return (
    (document.kind === 'sale' || document.kind === 'return') && candidate.texts.includes(markerOf(document.reference))
  )
}

/** It has our reference, but is a sale. */
function isMistaken(candidate: MemoryDocument, document: RtDocument): boolean {
  return (
    document.kind === 'return' && candidate.kind === 'sale' && candidate.texts.includes(markerOf(document.reference))
  )
}

function isAnnulled({ z, number }: MemoryDocument, { documents }: MemoryText): boolean {
  return documents.some(({ kind, original }) => kind === 'void' && original?.z === z && original.number === number)
}

function originalOf({ z, number, printedAt }: MemoryDocument, { serial, at }: RtBaseline): RtOriginal {
  return {
    z,
    number,
    serial,
    date: (printedAt ?? at).slice(0, 10),
  }
}
