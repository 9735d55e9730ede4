import type { Clock } from '../../base/clock.ts'
import type { DeviceHealth, DeviceUnit, OpenedDevice } from '../../drivers/ports/device.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { DeviceChange } from './device.ts'
import type { Sample } from './forecast.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'

/** What a shop has to know and do while a device is out; `due` is the calendar date until which it has time. */
export type OutageNotice = (sinceMs: number, nowMs: number) => Warning | undefined
export type OwnerIn = (certificate: Uint8Array) => string | undefined

export type SupervisorOptions = {
  device: OpenedDevice
  clock: Clock
  /** Of a TSE: whether its time may be told and signed now. */
  time?: TimeGate | undefined
  /** Serial number enrolled for this device id; undefined before the first fiscalize. */
  enrolledSerial: () => string | undefined
  /** True for a unit that was taken out of use for ever. */
  isRetired?: (serial: string) => boolean
  /** Why a device that is the enrolled one must not be used all the same: it knows what the journal does not, or less. */
  strangeness?: (unit: DeviceUnit, health: DeviceHealth) => Promise<Trouble | undefined>
  /** The window in which acts wait for a device that has just fallen silent; none if left out. */
  windowMs?: number
  /** Called after every change of state; `ready` after a `down` is when intents are settled. */
  onChange: (change: DeviceChange) => void
  /** When an outage began that a restart found unended, milliseconds since 1970: it counts from there. */
  outageSince?: () => number | undefined
  /** Time between two tries to reach a device that is down, by the length of the outage; 2 s if left out. */
  probeDelayMs?: (outageMs: number) => number
  /** Told after every health check that went well: what was left open though the device never went away is fixed then. Throws nothing. */
  onHealthy: () => void
  /** Of a TSE; 80 unless told. */
  memoryWarningPercent?: number | undefined
  /** Of a TSE, from before this start, oldest first: what the forecast goes on from. */
  pastUse?: () => readonly Sample[]
  /** What the journal knows of it that a person should look at. */
  concerns?: () => readonly Warning[]
  /** What its law says of an outage that has begun then. */
  outageNotice?: OutageNotice | undefined
  /** Whom a certificate of it names as owner of the register; undefined where it names nobody. */
  ownerIn?: OwnerIn | undefined
}
