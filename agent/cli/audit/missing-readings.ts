import type { PrintedRange } from '../../till/administration.ts'

/** One question to a printer, with the numbers that it is asked for. */
export type MissingReading = { readonly range: PrintedRange; readonly wanted: ReadonlySet<number> }

/** Known documents that are read again rather than asking twice. */
const BETWEEN_MAX = 10
/** Documents of one question. */
const NUMBERS_MAX = 200

/** The fewest questions that contain all of these documents, the newest first. */
export function readingsOf(ranges: readonly PrintedRange[]): MissingReading[] {
  const ordered = ranges.toSorted((one, other) => one.z - other.z || one.from - other.from)
  const readings: { range: PrintedRange; wanted: Set<number> }[] = []
  for (const range of ordered) {
    const last = readings.at(-1)
    if (last !== undefined && isNear(last.range, range)) last.range = { ...last.range, ...spanOf(last.range, range) }
    else readings.push({ range, wanted: new Set() })
    for (let number = range.from; number <= range.to; number++) readings.at(-1)?.wanted.add(number)
  }
  return readings.toReversed()
}

function isNear(one: PrintedRange, next: PrintedRange): boolean {
  return one.z === next.z && next.from - one.to <= BETWEEN_MAX && next.to - one.from < NUMBERS_MAX
}

function spanOf(one: PrintedRange, next: PrintedRange): Pick<PrintedRange, 'to' | 'day' | 'until'> {
  return {
    to: Math.max(one.to, next.to),
    day: one.day < next.day ? one.day : next.day,
    until: one.until > next.until ? one.until : next.until,
  }
}
