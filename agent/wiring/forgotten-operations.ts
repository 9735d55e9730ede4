import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { counted } from '../../base/text.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { View } from '../journal/projections/view.ts'
import type { Warning } from '../watch/warnings.ts'
import { warningOf } from '../watch/warnings.ts'

const FORGOTTEN_MS = 24 * 3_600_000

type Forgotten = { readonly id: string; readonly register: string; readonly sinceMs: number }

/**
 * Baskets that were parked and not fetched for a day: they block count and close, and on a TSE they count among its
 * open transactions. Only a person ends them. `nowMs`: by a clock that is not suspect.
 */
export function forgottenOperations(view: View, nowMs: number): Warning[] {
  const forgotten = allRegisters(view).flatMap(({ id, name }) => forgottenAt(view, { id, name }, nowMs))
  const [first, ...others] = forgotten
  if (first === undefined) return []
  const oldest = others.reduce((one, other) => (other.sinceMs < one.sinceMs ? other : one), first)
  const tills = [...new Set(forgotten.map(({ register }) => register))].join(', ')
  const many = counted(forgotten.length, 'operation', 'operations')
  const detail = `${many} at ${tills}; the oldest, ${oldest.id}, since ${rfc3339(oldest.sinceMs)}`
  return [warningOf('operations_forgotten', { detail })]
}

function forgottenAt(view: View, { id: register, name }: { id: string; name: string }, nowMs: number): Forgotten[] {
  const forgotten: Forgotten[] = []
  // A look writes no table: what was begun a day ago is in them.
  for (const { id, seq } of view.openOperationsWritten(register)) {
    const sinceMs = parseRfc3339(view.event(seq)?.at ?? '') ?? nowMs
    // In the order in which they began.
    if (nowMs - sinceMs <= FORGOTTEN_MS) break
    if (view.operation(id)?.shown.status === 'open') forgotten.push({ id, register: name, sinceMs })
  }
  return forgotten
}
