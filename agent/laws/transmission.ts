import type { Closing } from '../contract/closing.ts'
import type { NewEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

type Members = Required<Pick<Closing, 'transmission_status' | 'transmitted_at'>>
/** Whether the tax office has a closing; null if its device does not report it. */
export type TransmissionStatus = Exclude<Members['transmission_status'], undefined>

/** The members of a closing; `at`: RFC 3339, when its transmission was first seen. */
export function transmission(status: TransmissionStatus, at?: string): Members {
  return { transmission_status: status, transmitted_at: status === 'transmitted' ? (at ?? null) : null }
}

/** The event of a change; none without one, and for a closing of an earlier version, which has no status. */
export function transmissionEvents(
  view: Pick<View, 'closing'>,
  closing: string,
  status: TransmissionStatus,
  at?: string,
): NewEvent[] {
  const { transmission_status: before } = view.closing(closing)?.shown ?? {}
  if (before === undefined || before === status) return []
  return [{ kind: 'closing.transmission_changed', op: closing, body: { set: transmission(status, at) } }]
}
