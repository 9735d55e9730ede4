import { DeviceError } from '../errors.ts'
import type { RtMemory, RtPlace, RtSpan } from '../ports/rt-printer.ts'
import { daysBetween } from './civil-time.ts'
import { lastDocumentOf } from './memory-search.ts'
import type { MemoryText } from './memory-text.ts'

/** A period lasts at most 24 hours: the day before it, the days that it touches, and the next one. */
const DAYS_MAX = 4

/** The calendar days of a span. Throws `no_data` for a longer span than a reading covers. */
export function spanDays({ day }: Pick<RtSpan, 'day'>, until: string): readonly string[] {
  const days = daysBetween(day, until)
  if (days.length > 0 && days.length <= DAYS_MAX) return days
  throw new DeviceError(
    'no_data',
    'none',
    `the memory is read for ${DAYS_MAX} days at most, not from ${day} to ${until}`,
  )
}

/** The part of a text within the span. */
export function memoryWithin({ documents, closures }: MemoryText, { from, to }: RtSpan): RtMemory {
  return {
    documents: documents.filter((document) => !isBefore(document, from) && !isBefore(to, document)).map(lastDocumentOf),
    closures: [...closures].flatMap(([z, count]) => (z >= from.z && z < to.z ? [{ z, documents: count }] : [])),
  }
}

/** True if each document of the span was read, and the count of each closing within it. */
export function isWhole({ documents, closures }: RtMemory, { from, to }: RtSpan): boolean {
  for (let z = from.z; z <= to.z; z++) {
    const last = z === to.z ? to.number : closures.find((closure) => closure.z === z)?.documents
    if (last === undefined) return false
    const numbers = new Set(documents.filter((document) => document.z === z).map(({ number }) => number))
    const first = z === from.z ? from.number : 1
    if (numbers.size < last - first + 1) return false
  }
  return true
}

function isBefore(one: RtPlace, other: RtPlace): boolean {
  return one.z < other.z || (one.z === other.z && one.number < other.number)
}
