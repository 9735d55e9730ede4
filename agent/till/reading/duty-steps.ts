import type { AuthorityMode } from '../../../drivers/ports/authority.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { factsOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { dutyId } from '../duty-records.ts'
import type { ListedDuty } from './listed-duties.ts'

/** One event of a duty. `asked`: the answer to a question; `queued`: a person sends it. */
export type DutyStep = {
  /** RFC 3339. */
  readonly at: string
  readonly what: 'sent' | 'answered' | 'asked' | 'queued'
  readonly operation: string | null
  readonly request_id: string | null
  readonly packet: number | null
  readonly rc: readonly string[] | null
  readonly message: string | null
  /** The word of the authority for the state of the unit or register. */
  readonly status: string | null
  /** Why no answer was understood. */
  readonly lost: string | null
  readonly by: 'agent' | 'person'
}

export type ShownDuty = ListedDuty & { readonly steps: readonly DutyStep[] }

/** A duty with its `most` newest steps, oldest first; by default with all. A manual duty has those of production. */
export function withSteps(
  view: Pick<View, 'eventsOf' | 'newestOf'>,
  { instructions, ...duty }: ListedDuty,
  most?: number,
): ShownDuty {
  const op = dutyId(duty.id)
  const events = most === undefined ? view.eventsOf(op) : view.newestOf(op, most).reverse()
  const steps = events.flatMap((event) => stepOf(event, duty.mode ?? 'P') ?? [])
  return { ...duty, steps, instructions }
}

const NONE = {
  ...{ operation: null, request_id: null, packet: null, rc: null, message: null, status: null, lost: null },
  by: 'agent',
} as const

/** Undefined for an event of the other mode, and of a kind that this program does not know. */
function stepOf(event: StoredEvent, wanted: AuthorityMode): DutyStep | undefined {
  const { at } = event
  const sent = factsOf(event, 'duty.sent')
  if (sent !== undefined) {
    const { mode, operation = null, request_id = null, packet = null } = sent
    return mode === wanted ? { ...NONE, at, what: 'sent', operation, request_id, packet } : undefined
  }
  const answered = factsOf(event, 'duty.answered')
  if (answered !== undefined) {
    const { mode, operation = null, request_id = null, packet = null, rc = null, message = null } = answered
    const { lost = null } = answered
    const step = { operation, request_id, packet, rc, message, lost }
    return mode === wanted ? { ...NONE, at, what: 'answered', ...step } : undefined
  }
  const changed = factsOf(event, 'duty.changed')
  if (changed?.mode !== wanted) return undefined
  if (changed.by === 'person') return { ...NONE, at, what: 'queued', by: 'person' }
  const { rc = null, status = null, message = null } = changed
  return { ...NONE, at, what: 'asked', rc, status, message }
}
