import type { Plug } from './plug.ts'
import type { QueueLoad } from './queue-load.ts'
import type { RtHealth, RtPrinter } from './rt-printer.ts'
import type { SignatureCard, SignatureCardHealth } from './signature-card.ts'
import type { Tse, TseHealth, TseInventory } from './tse.ts'

/** The kinds of device share how they are opened, identified and checked. */
export type DeviceUnit = Tse | SignatureCard | RtPrinter
export type DeviceKind = DeviceUnit['kind']
export type DeviceHealth = TseHealth | SignatureCardHealth | RtHealth

/** A configured device with its driver, as the catalog makes it: not connected yet. */
export type OpenedDevice<Unit = DeviceUnit> = {
  id: string
  driver: string
  unit: Unit
  /** A TSE may have it: facts for the notice to the tax office. */
  inventory?: TseInventory
  /** The last day of its certification by the BSI, if it was entered. */
  certifiedUntil?: string
  load(): QueueLoad
  /** Omitted for a device that shows no plug events; it is then polled. */
  plug?: Plug
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`. */
  inject?: (fault: string) => void
  clearFaults?: () => void
}
