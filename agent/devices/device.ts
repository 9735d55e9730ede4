import type { FiscalPrinter, RtHealth } from '../../drivers/ports/fiscal-printer.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { SignatureCard, SignatureCardHealth } from '../../drivers/ports/signature-card.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'
import type { IdentityOf } from '../regimes/regime.ts'

export type DeviceState = 'ready' | 'degraded' | 'down' | 'foreign'

/** Every kind of device; they share how they are opened, identified and looked after. */
export type DeviceUnit = Tse | SignatureCard | FiscalPrinter
export type DeviceIdentity = IdentityOf<DeviceUnit>
export type DeviceHealth = TseHealth | SignatureCardHealth | RtHealth

/** One configured device as the catalog of drivers made it. */
export type OpenedDevice = {
  id: string
  driver: string
  unit: DeviceUnit
  load(): QueueLoad
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`. */
  inject?: (fault: string) => void
  clearFaults?: () => void
}

/** Open on a TSE for a client that is no register of this agent. */
export type ForeignTransaction = { number: number; client: string }

export type DeviceChange = { state: DeviceState; code: string | undefined; message: string | undefined }
