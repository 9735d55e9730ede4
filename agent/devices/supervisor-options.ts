import type { Clock } from '../../base/clock.ts'
import type { DeviceHealth, DeviceUnit, OpenedDevice } from '../../drivers/ports/device.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { DeviceChange } from './device.ts'
import type { Sample } from './forecast.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'

/** The warning and duties of a shop while a device is down; `due` is the calendar date until which it has time. */
export type OutageNotice = (sinceMs: number, nowMs: number) => Warning | undefined
export type OwnerIn = (certificate: Uint8Array) => string | undefined

export type SupervisorOptions = {
  device: OpenedDevice
  clock: Clock
  /** For a TSE: whether it may be given its time and sign now. */
  time?: TimeGate | undefined
  /** Serial number enrolled for this device id; undefined before the first fiscalize. */
  enrolledSerial: () => string | undefined
  /** Another id of this configuration under which that unit is enrolled: it belongs there. */
  otherIdOf?: (serial: string) => string | undefined
  /** True for a unit that was permanently retired. */
  isRetired?: (serial: string) => boolean
  /** Why the enrolled device must not be used anyway: it has signed more than the journal has, or less. */
  strangeness?: (unit: DeviceUnit, health: DeviceHealth) => Promise<Trouble | undefined>
  /** The window in which acts wait for a device that has just fallen silent; none if left out. */
  windowMs?: number
  /** Called after every change of state; `ready` after a `down` is when intents are settled. */
  onChange: (change: DeviceChange) => void
  /** When an outage began that a restart found unended, milliseconds since 1970: it counts from there. */
  outageSince?: () => number | undefined
  /** Time between two tries to reach a device that is down, by the length of the outage; 2 s if left out. */
  probeDelayMs?: (outageMs: number) => number
  /**
   * Called after every good health check: it fixes work that was left open although the device stayed connected. Throws
   * nothing.
   */
  onHealthy: () => void
  /** For a TSE; 80 by default. */
  memoryWarningPercent?: number | undefined
  /** For a TSE, from before this start, oldest first: the forecast continues from them. */
  pastUse?: () => readonly Sample[]
  /** Warnings from the journal for a person to look at. */
  concerns?: () => readonly Warning[]
  /** The law's notice for an outage that began then. */
  outageNotice?: OutageNotice | undefined
  /** The owner of the register that its certificate names; undefined if it names none. */
  ownerIn?: OwnerIn | undefined
}
