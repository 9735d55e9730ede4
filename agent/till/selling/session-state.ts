import type { SessionState } from '../../contract/session.ts'
import type { View } from '../../journal/projections/view.ts'

/** The newest session of a register, in the form of the shop's rules. */
export function newestSession(view: View, registerId: string): { id: string; state: SessionState } | undefined {
  const row = view.lastSessionState(registerId)
  return row && { id: row.id, state: row.state as SessionState }
}
