import { rfc3339 } from '../../../base/clock.ts'
import type { Register } from '../../contract/register.ts'
import type { OwnPart } from '../../journal/documents/own.ts'
import type { Members, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Step } from '../recording/workflow.ts'
import type { Mutation } from '../requests.ts'
import { origin } from '../requests.ts'

type MasterData = 'merchant' | 'location' | 'register'

/**
 * Master data apply to a whole Z (DSFinV-K): a change during sessions waits, shown as `pending_changes`, until they are
 * closed. A session that begins in between keeps the data it began with, so that the change does not wait for it: with
 * overlapping shifts a register is always in a session.
 */
export function updateStep(
  parts: TillParts,
  view: View,
  mutation: Mutation,
  name: MasterData,
  id: string,
  input: Members,
  secret?: string,
): Step {
  const document = view[name](id)
  const changes = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const before = document?.own.pending
  const untilClosed = before?.untilClosed ?? sessionsOver(view, name, id)
  const waits = before !== undefined || untilClosed.length > 0
  const named = secret !== undefined && { secret }
  const pending = { ...before, ...named, shown: { ...before?.shown, ...changes }, untilClosed }
  const now = { ...changes, updated_at: rfc3339(parts.clock.now()) }
  const change = waits ? { own: { pending } } : { set: now, ...(named && { own: named }) }
  const body = { ...origin(mutation), ...change }
  return singleStep({ kind: `${name}.updated`, op: id, body }, 200, document)
}

/** Changes that waited for this session of the register, and for no other one any longer. */
export function pendingChanges(view: View, session: string, register: Register, now: string): NewEvent[] {
  const targets: readonly [MasterData, string][] = [
    ['register', register.id],
    ['location', register.location_id],
    ['merchant', register.merchant_id],
  ]
  return targets.flatMap(([name, id]) => {
    const pending = view[name](id)?.own.pending
    if (pending === undefined) return []
    const others = pending.untilClosed.filter((one) => one !== session)
    if (others.some((one) => view.session(one)?.state !== 'closed')) return []
    const set = { ...pending.shown, updated_at: now }
    const own: OwnPart = { pending: null, ...(pending.secret !== undefined && { secret: pending.secret }) }
    return [{ kind: `${name}.updated`, op: id, body: { set, own } }]
  })
}

/** Sessions of the registers with these data that are not closed. */
function sessionsOver(view: View, name: MasterData, id: string): string[] {
  const over = (register: string): boolean => {
    if (name === 'register') return register === id
    if (name === 'merchant') return view.resource(register)?.merchant === id
    return view.register(register)?.shown.location_id === id
  }
  return view.registersInSession().flatMap((register) => {
    const session = over(register) ? view.lastSessionState(register) : undefined
    return session === undefined ? [] : [session.id]
  })
}
