import type { DeviceUnit } from '../../drivers/ports/device.ts'
import type { IdentityOf } from './usable.ts'

export type DeviceState = 'ready' | 'degraded' | 'down' | 'foreign'

export type DeviceIdentity = IdentityOf<DeviceUnit>

type ReportOf<Unit> = Unit extends DeviceUnit
  ? {
      readonly kind: Unit['kind']
      readonly identity: IdentityOf<Unit>
      readonly health: Awaited<ReturnType<Unit['health']>>
    }
  : never

/** The last report of a device about itself; its kind determines the members. */
export type UnitReport = ReportOf<DeviceUnit>

/**
 * Open on a TSE for a client that is not a register of this agent, or `isStartLost`: begun by a lost part of the journal,
 * with a start that the unit has deleted. `client` is '' if it is unknown.
 */
export type ForeignTransaction = { number: number; client: string; isStartLost?: true }

export type DeviceChange = {
  state: DeviceState
  code: string | undefined
  message: string | undefined
  /** Seen at once and not journalled: a silence that may pass, or one that has passed. */
  isPassing: boolean
  /** At the end of an outage: the time from the first sign of silence to this change, by the monotonic clock. */
  silentMs: number
}

/** True if no act may be sent to the device. */
export function isOut(state: DeviceState | undefined): boolean {
  return state === 'down' || state === 'foreign'
}
