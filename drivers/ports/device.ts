import type { FiscalPrinter, RtHealth } from './fiscal-printer.ts'
import type { Plug } from './plug.ts'
import type { QueueLoad } from './queue-load.ts'
import type { SignatureCard, SignatureCardHealth } from './signature-card.ts'
import type { Tse, TseHealth } from './tse.ts'

/** Every kind of device; they share how they are opened, identified and looked after. */
export type DeviceUnit = Tse | SignatureCard | FiscalPrinter
export type DeviceKind = DeviceUnit['kind']
export type DeviceHealth = TseHealth | SignatureCardHealth | RtHealth

/** One configured device with its driver, as the catalog makes it: not yet connected. */
export type OpenedDevice<Unit = DeviceUnit> = {
  id: string
  driver: string
  unit: Unit
  load(): QueueLoad
  /** Left out for a device of which nothing shows: it is asked again and again. */
  plug?: Plug
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`. */
  inject?: (fault: string) => void
  clearFaults?: () => void
}
