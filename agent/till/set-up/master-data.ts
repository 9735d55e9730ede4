import { rfc3339 } from '../../../base/clock.ts'
import type { NumbersReason } from '../../contract/merchant.ts'
import type { Register } from '../../contract/register.ts'
import type { Document, DocumentOf } from '../../journal/documents/document.ts'
import type { OwnPart, PendingChange } from '../../journal/documents/own.ts'
import type { Members, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Step } from '../recording/workflow.ts'
import type { Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { terminalMoves } from './terminal-moves.ts'

type MasterData = 'merchant' | 'location' | 'register'

const DEVICE = 'fiscal_device'

/** `atOnce`: members that no open session waits for; `secret`: the name of the new secrets; `reason`: of other tax numbers. */
type MasterDataChange = {
  readonly input: Members
  readonly atOnce?: Members
  readonly secret?: string | undefined
  readonly reason?: NumbersReason | undefined
}

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
  { input, atOnce = {}, secret, reason }: MasterDataChange,
): Step {
  const document = view[name](id)
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const changes = Object.fromEntries(given.filter(([member]) => !(member in atOnce)))
  const waits = given.length === 0 || Object.keys(changes).length > 0
  const before = document?.own.pending
  const waitsFor = before?.until_closed ?? []
  const untilClosed = waitsFor.length > 0 ? waitsFor : sessionsOver(view, name, id)
  const named = secret !== undefined && { secret }
  const pending = { ...before, ...named, shown: { ...before?.shown, ...changes }, until_closed: untilClosed }
  const own: OwnPart = {
    ...named,
    // A change of device that was held is replaced by this one.
    ...(before !== undefined && DEVICE in changes && { pending: null }),
    ...leaving(parts.laws, view, document, changes),
  }
  const updated_at = rfc3339(parts.clock.now())
  const now = Object.keys(atOnce).length > 0 && { set: { ...atOnce, updated_at } }
  const change =
    untilClosed.length > 0
      ? { ...now, ...(waits && { own: { pending } }) }
      : { set: { ...changes, ...atOnce, updated_at }, ...(Object.keys(own).length > 0 && { own }) }
  const body = { ...origin(mutation), ...change }
  const event: NewEvent =
    reason === undefined
      ? { kind: `${name}.updated`, op: id, body }
      : { kind: 'merchant.updated', op: id, body: { ...body, facts: { reason } } }
  const step = singleStep(event, 200, document)
  if (untilClosed.length > 0) return step
  return { ...step, events: [...step.events, ...accompanying(view, document, changes, updated_at)] }
}

/** The changes of other documents that a change of master data brings with it. */
function accompanying(view: View, document: Document | undefined, changes: Members, at: string): NewEvent[] {
  return document?.kind === 'register' ? terminalMoves(view, document.shown, changes['location_id'], at) : []
}

/** Changes that waited for this session of the register, and for no other one any longer. */
export function pendingChanges(
  laws: readonly LawRules[],
  view: View,
  session: string,
  register: Register,
  now: string,
): NewEvent[] {
  const targets: readonly [MasterData, string][] = [
    ['register', register.id],
    ['location', register.location_id],
    ['merchant', register.merchant_id],
  ]
  return targets.flatMap(([name, id]) => {
    const document = view[name](id)
    const pending = document?.own.pending
    if (pending === undefined) return []
    const others = pending.until_closed.filter((one) => one !== session)
    if (others.some((one) => view.session(one)?.state !== 'closed')) return []
    const { shown, held } = inForce(laws, register, name, pending)
    const set = { ...shown, updated_at: now }
    const own: OwnPart = {
      pending: held ?? null,
      ...(pending.secret !== undefined && { secret: pending.secret }),
      ...leaving(laws, view, document, shown),
    }
    return [{ kind: `${name}.updated`, op: id, body: { set, own } }, ...accompanying(view, document, shown, now)]
  })
}

/** A change of device stays pending if the law counts documents by the device's own closings. */
function inForce(
  laws: readonly LawRules[],
  register: Register,
  name: MasterData,
  { shown }: PendingChange,
): { shown: Members; held?: PendingChange } {
  const { [DEVICE]: device, ...rest } = shown
  const isHeld = lawOfRegister(laws, register)?.register?.openPeriod !== undefined
  if (name !== 'register' || device === undefined || !isHeld) return { shown }
  return { shown: rest, held: { shown: { [DEVICE]: device }, until_closed: [] } }
}

/** The device that a register gets when the period of its present one is closed; undefined in a session. */
export function heldDevice(view: View, { id, own: { pending } }: DocumentOf<'register'>): string | undefined {
  const device = pending?.until_closed.length === 0 ? pending.shown[DEVICE] : undefined
  return typeof device === 'string' && !view.registersInSession().includes(id) ? device : undefined
}

/** A register that changes its unit leaves its client there; one that returns to a unit has its client again. */
function leaving(
  laws: readonly LawRules[],
  view: View,
  document: Document | undefined,
  { [DEVICE]: device }: Members,
): Pick<OwnPart, 'left'> {
  if (document?.kind !== 'register' || device === undefined || device === document.shown.fiscal_device) return {}
  if (lawOfRegister(laws, document.shown)?.register?.hasClients !== true) return {}
  const { fiscal_device: former } = document.shown
  const serial = former === null ? undefined : view.enrolledSerial(former)
  const others = document.own.left.filter((unit) => unit.device !== device && unit.device !== former)
  const leftUnits = former === null || serial === undefined ? others : [...others, { device: former, serial }]
  return leftUnits.length === 0 && document.own.left.length === 0
    ? {}
    : { left: leftUnits.length === 0 ? null : leftUnits }
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
