import type { RtBaseline, RtSpan } from '../ports/rt-printer.ts'
import { dayOf } from '../rt/civil-time.ts'
import { NUMBER_MAX } from '../rt/document-number.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import type { RtCounters } from '../rt/unit.ts'

type Days = readonly [from: string, until: string]

/** Everything between two days, closures included. */
export function wholeReading([from, until]: Days): string {
  return `=C451/$0/&${dayOf(from)}/[${dayOf(until)}`
}

/**
 * The readings that together contain each document since a baseline, for at most one closure since: numbers restart
 * after a closure, and its text has the count of the documents that it closed. None if a day came in between, because
 * the numbers do not identify its documents.
 */
export function readingsSince(baseline: RtBaseline, now: RtCounters, days: Days): readonly string[] {
  const [from, until] = days
  if (now.z === baseline.z) return dayOf(from) === dayOf(until) ? [numbers(from, baseline.number + 1, now.number)] : []
  return now.z === baseline.z + 1 ? aroundClosure(days, baseline.number + 1, now.number) : []
}

/** The readings that together contain a span of these days. */
export function spanReadings({ from, to }: Pick<RtSpan, 'from' | 'to'>, days: readonly string[]): readonly string[] {
  const ends: Days = [days[0] ?? '', days.at(-1) ?? '']
  if (from.z === to.z) return days.map((day) => numbers(day, from.number, to.number))
  return to.z === from.z + 1 ? aroundClosure(ends, from.number, to.number) : [wholeReading(ends)]
}

/** The documents of one day before its closure, the closure, and those of the other after it. */
function aroundClosure([from, until]: Days, first: number, last: number): readonly string[] {
  return [
    numbers(from, first, NUMBER_MAX),
    `=C455/$0/&${dayOf(from)}/[${dayOf(until)}`,
    ...(last > 0 ? [numbers(until, 1, last)] : []),
  ]
}

function numbers(day: string, first: number, last: number): string {
  return `=C452/$0/&${dayOf(day)}/[${first}/]${last}`
}

/** Several readings as one: duplicates count once. */
export function joined(texts: readonly MemoryText[]): MemoryText {
  const documents = new Map(
    texts.flatMap((text) => text.documents).map((document) => [`${document.z}-${document.number}`, document]),
  )
  return { documents: [...documents.values()], closures: new Map(texts.flatMap(({ closures }) => [...closures])) }
}
