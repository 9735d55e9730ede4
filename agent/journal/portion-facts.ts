import type { ReadPortion } from './event-facts.ts'
import type { EventBody } from './events.ts'
import { claimedFacts } from './events.ts'

export type PortionFacts = Omit<ReadPortion, 'device' | 'portion' | 'logs'>

/**
 * Reads and checks the portion of logs of a TSE event, which may be from a foreign file. Undefined if the event has no
 * portion, or if a member has another type.
 */
export function portionFacts(body: EventBody): PortionFacts | undefined {
  const { portion, file, bytes, sha256, first_counter, last_counter } = claimedFacts<'tse.archived'>({ body })
  if (portion !== true || typeof file !== 'string' || typeof sha256 !== 'string') return undefined
  if (typeof bytes !== 'number' || typeof first_counter !== 'number' || typeof last_counter !== 'number')
    return undefined
  return { file, bytes, sha256, first_counter, last_counter }
}
