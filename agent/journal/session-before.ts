import type { SessionRow } from './projections/sessions.ts'
import type { View } from './projections/view.ts'

/** The newest session of a register that began before an event. */
export function sessionBefore(
  view: Pick<View, 'lastSession' | 'closedSessionBefore'>,
  register: string,
  seq: number,
): SessionRow | undefined {
  const newest = view.lastSession(register)
  // Only the newest one can be open.
  return newest === undefined || newest.seq < seq ? newest : view.closedSessionBefore(register, seq)
}
