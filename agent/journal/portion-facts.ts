import type { ReadPortion } from './event-facts.ts'
import type { EventBody } from './events.ts'
import { claimedFacts } from './events.ts'

export type PortionFacts = Omit<ReadPortion, 'device' | 'portion' | 'logs'>

/**
 * The portion of logs that an event of a TSE names, checked: the event may be of a file that anybody wrote. Undefined for
 * all other events, and where a member of it is not what it must be.
 */
export function portionFacts(body: EventBody): PortionFacts | undefined {
  const { portion, file, bytes, sha256, first_counter, last_counter } = claimedFacts<'tse.archived'>(body)
  if (portion !== true || typeof file !== 'string' || typeof sha256 !== 'string') return undefined
  if (typeof bytes !== 'number' || typeof first_counter !== 'number' || typeof last_counter !== 'number')
    return undefined
  return { file, bytes, sha256, first_counter, last_counter }
}
