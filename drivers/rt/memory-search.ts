import type { RtBaseline, RtDocument, RtLastDocument, RtOriginal } from '../ports/fiscal-printer.ts'
import { documentNumberOf } from './document-number.ts'
import type { MemoryDocument, MemoryText } from './memory-text.ts'
import { isAfter, isComplete } from './memory-text.ts'
import type { RtCounters, Search } from './unit.ts'

const marker = 'REF '

/** Reads a detail memory for a document, as often as it must. */
export const memorySearch = (
  document: RtDocument,
  baseline: RtBaseline,
  read: (now: RtCounters, signal: AbortSignal) => Promise<MemoryText | undefined>,
): Search => {
  let absentAt: RtCounters | undefined
  return async (now, signal) => {
    const text = await read(now, signal)
    if (!text || !isComplete(text, baseline, now)) return 'again'
    const found = text.documents.find((each) => isAfter(each, baseline) && isOurs(each, document))
    if (found) return found
    const mistaken = text.documents.find((each) => isAfter(each, baseline) && isMistaken(each, document, text))
    if (mistaken) return { mistaken: originalOf(mistaken, baseline) }
    // A flipped bit in a text has no check digit: "not among them" is believed when it was read twice.
    const isSecond = absentAt?.z === now.z && absentAt.number === now.number
    absentAt = now
    return isSecond ? undefined : 'again'
  }
}

/** The line that tells our document from an equal one. */
export const markerOf = (reference: string): string => `${marker}${reference}`

/** Without a reference where it is not ours. */
export const lastDocumentOf = ({ kind, z, number, printedAt, totalCents, texts }: MemoryDocument): RtLastDocument => {
  const reference = texts.find((text) => text.startsWith(marker))?.slice(marker.length)
  return { kind, z, number, documentNumber: documentNumberOf(z, number), printedAt, totalCents, reference }
}

/** On a clock that was set back the documents lie between the two days, whichever is earlier. */
export const searchedFrom = ({ at }: RtBaseline, today: string): string => (at === '' || at > today ? today : at)

const isOurs = (found: MemoryDocument, document: RtDocument): boolean => {
  if (found.kind !== document.kind) return false
  if (document.kind === 'void')
    return found.original?.z === document.original.z && found.original.number === document.original.number
  return (document.kind === 'sale' || document.kind === 'return') && found.texts.includes(markerOf(document.reference))
}

/** It carries our reference, but is a sale, and nobody has annulled it. */
const isMistaken = (found: MemoryDocument, document: RtDocument, { documents }: MemoryText): boolean => {
  if (document.kind !== 'return' || found.kind !== 'sale' || !found.texts.includes(markerOf(document.reference)))
    return false
  return !documents.some(
    ({ kind, original }) => kind === 'void' && original?.z === found.z && original.number === found.number,
  )
}

const originalOf = ({ z, number, printedAt }: MemoryDocument, { serial, at }: RtBaseline): RtOriginal => ({
  ...{ z, number, serial },
  date: (printedAt ?? at).slice(0, 10),
})
