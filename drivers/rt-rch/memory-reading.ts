import type { RtBaseline } from '../ports/fiscal-printer.ts'
import { dayOf } from '../rt/civil-time.ts'
import { numberMax } from '../rt/document-number.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import type { RtCounters } from '../rt/unit.ts'

type Days = readonly [from: string, until: string]

/** All between two days, closures too. */
export const wholeReading = ([from, until]: Days): string => `=C451/$0/&${dayOf(from)}/[${dayOf(until)}`

/**
 * The readings that together have each document since a baseline, for a printer whose day was closed once meanwhile or not
 * at all: numbers begin anew behind a closure, and its own text has the count of what it closed. None where a day came in
 * between, whose documents are not known by their numbers.
 */
export const readingsSince = (baseline: RtBaseline, now: RtCounters, days: Days): readonly string[] => {
  const [from, until] = days.map(dayOf) as [string, string]
  const numbers = (day: string, first: number, last: number): string => `=C452/$0/&${day}/[${first}/]${last}`
  if (now.z === baseline.z) return from === until ? [numbers(from, baseline.number + 1, now.number)] : []
  if (now.z !== baseline.z + 1) return []
  return [
    numbers(from, baseline.number + 1, numberMax),
    `=C455/$0/&${from}/[${until}`,
    ...(now.number > 0 ? [numbers(until, 1, now.number)] : []),
  ]
}

/** Several readings as one: what two of them have counts once. */
export const joined = (texts: readonly MemoryText[]): MemoryText => {
  const documents = new Map(
    texts.flatMap((text) => text.documents).map((document) => [`${document.z}-${document.number}`, document]),
  )
  return { documents: [...documents.values()], closures: new Map(texts.flatMap(({ closures }) => [...closures])) }
}
