import type { RtLastDocument, RtMemory, RtPlace, RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { foundBetween, readWithin } from './found-documents.ts'
import type { KnownPlace } from './known-place.ts'
import type { Place } from './last-document-advice.ts'

/** Documents of a printer after the journal's last record of it, oldest first. */
export type NewerDocuments = {
  readonly documents: readonly RtLastDocument[]
  /** First and last of those that the printer has and does not show, and their least number. */
  readonly unread: { readonly first: Place; readonly last: Place; readonly count: number } | undefined
  /** Periods whose closing does not say how many documents it has. */
  readonly uncounted: readonly number[]
}

/** Time limit: some memories need an exchange per line. */
const READING_MS = 120_000

/**
 * Reads them from the printer's memory, also across closings: its last document says nothing about those before it. `day`:
 * of the printer's last document, or its present one; '' if unknown.
 */
export async function newerDocuments(
  printer: RtPrinter,
  place: KnownPlace,
  { to, day }: { to: RtPlace; day: string },
): Promise<NewerDocuments> {
  const from = { z: place.z, number: place.number + 1 }
  const isDated = place.day !== '' && day !== ''
  const memory = isDated ? await readWithin(printer, { from, to, day: place.day, until: day }, READING_MS) : undefined
  return newerIn(place, to, memory ?? { documents: [], closures: [] })
}

function newerIn(place: RtPlace, to: RtPlace, memory: RtMemory): NewerDocuments {
  const documents = memory.documents.toSorted((one, other) => one.z - other.z || one.number - other.number)
  const isRead = new Set(documents.map(({ z, number }) => `${z}-${number}`))
  const missing = foundBetween(place, to, memory)
    .flatMap(({ z, from, to: last }) =>
      Array.from({ length: last - from + 1 }, (_, index) => ({ z, number: from + index })),
    )
    .filter(({ z, number }) => !isRead.has(`${z}-${number}`))
  const [first, last] = [missing[0], missing.at(-1)]
  const counted = new Set(memory.closures.map(({ z }) => z))
  const closed = Array.from({ length: Math.max(0, to.z - place.z) }, (_, index) => place.z + index)
  return {
    documents,
    unread: first && last && { first, last, count: missing.length },
    uncounted: closed.filter((z) => !counted.has(z)),
  }
}
