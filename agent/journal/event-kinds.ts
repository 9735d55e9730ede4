/** Every kind of event that this program writes: a subject, and what became of it. */
export const EVENT_KINDS = [
  'backup.made',
  'clock.stepped',
  'clock.vouched',
  'closing.annual',
  'closing.collective',
  'closing.daily',
  'closing.final',
  'closing.monthly',
  'closing.refused',
  'closing.repeated',
  'closing.reported',
  'closing.requested',
  'closing.shift',
  'closing.start',
  'closing.zero',
  'device.adopted',
  'device.degraded',
  'device.down',
  'device.foreign',
  'device.ready',
  'device.serviced',
  'document.act_intended',
  'drawer.opened',
  'drawer.recorded',
  'export.completed',
  'export.failed',
  'export.requested',
  'journal.moved',
  'journal.opened',
  'journal.sealed',
  'journal.state_recorded',
  'key.created',
  'key.revoked',
  'location.created',
  'location.updated',
  'merchant.created',
  'merchant.updated',
  'operation.captured',
  'operation.completed',
  'operation.completion_requested',
  'operation.created',
  'operation.ended',
  'operation.refused',
  'operation.returned',
  'operation.reversal_refused',
  'operation.reversed',
  'operation.reversing',
  'operation.settled',
  'operation.started',
  'operation.void_requested',
  'operation.voided',
  'print.doubted',
  'print.unknown_found',
  'register.chain_lost',
  'register.created',
  'register.decommissioned',
  'register.decommissioning',
  'register.failed',
  'register.fiscalized',
  'register.fiscalizing',
  'register.moved',
  'register.refused',
  'register.tse_exchanged',
  'register.updated',
  'session.cash_adjusted',
  'session.closed',
  'session.counted',
  'session.left_over_closed',
  'session.opened',
  'sync.set_aside',
  'sync.target_added',
  'sync.target_removed',
  'task.confirmed',
  'transaction.abort_failed',
  'transaction.abort_intended',
  'transaction.aborted',
  'transaction.foreign_end_intended',
  'transaction.foreign_ended',
  'transaction.lost',
  'tse.archived',
  'tse.deleted',
  'tse.deletion_failed',
  'tse.deletion_intended',
  'tse.recorded',
  'tse.retired',
  'tse.unreadable',
  'unit.enrolled',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

/** A closing was made: one kind for each type. */
export const CLOSING_KINDS = [
  'closing.annual',
  'closing.collective',
  'closing.daily',
  'closing.final',
  'closing.monthly',
  'closing.shift',
  'closing.start',
  'closing.zero',
] as const satisfies readonly EventKind[]

/** The state of a device changed. */
export const DEVICE_STATES = [
  'device.degraded',
  'device.down',
  'device.foreign',
  'device.ready',
] as const satisfies readonly EventKind[]

const KNOWN: ReadonlySet<string> = new Set(EVENT_KINDS)

/** False for an event that a newer program wrote. */
export function isEventKind(kind: string): kind is EventKind {
  return KNOWN.has(kind)
}

/** Narrows a computed name to one of these kinds. Throws if it is not one of them. */
export function kindAmong<Kind extends EventKind>(kinds: readonly Kind[], called: string): Kind {
  const found = kinds.find((kind) => kind === called)
  if (found === undefined) throw new Error(`there is no kind of event called ${called}`)
  return found
}
