import { DeviceError } from '../errors.ts'
import type { RtMemory, RtPlace, RtSpan } from '../ports/fiscal-printer.ts'
import { daysBetween } from './civil-time.ts'
import { lastDocumentOf } from './memory-search.ts'
import type { MemoryText } from './memory-text.ts'

/** A period lasts 24 hours at most: the day before it, those that it touches, and the one behind. */
const daysMax = 4

/** The calendar days of a span. Throws `no_data` for more than a memory is read for. */
export function spanDays({ day }: Pick<RtSpan, 'day'>, until: string): readonly string[] {
  const days = daysBetween(day, until)
  if (days.length > 0 && days.length <= daysMax) return days
  throw new DeviceError(
    'no_data',
    'none',
    `the memory is read for ${daysMax} days at most, not from ${day} to ${until}`,
  )
}

/** Of a text what is in the span. */
export function memoryWithin({ documents, closures }: MemoryText, { from, to }: RtSpan): RtMemory {
  return {
    documents: documents.filter((document) => !isBefore(document, from) && !isBefore(to, document)).map(lastDocumentOf),
    closures: [...closures].flatMap(([z, count]) => (z >= from.z && z < to.z ? [{ z, documents: count }] : [])),
  }
}

function isBefore(one: RtPlace, other: RtPlace): boolean {
  return one.z < other.z || (one.z === other.z && one.number < other.number)
}
