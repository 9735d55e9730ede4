import type { DeviceError } from '../../drivers/errors.ts'
import type { FiscalPrinter, RtHealth } from '../../drivers/ports/fiscal-printer.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { SignatureCard, SignatureCardHealth, SignatureCardIdentity } from '../../drivers/ports/signature-card.ts'
import type { Tse, TseHealth, TseIdentity } from '../../drivers/ports/tse.ts'

export type DeviceState = 'ready' | 'degraded' | 'down' | 'foreign'

/** Every kind of device; they share how they are opened, identified and looked after. */
export type DeviceUnit = Tse | SignatureCard | FiscalPrinter
/** Of a printer: its matricola. */
export type PrinterIdentity = { serial: string }
export type DeviceIdentity = TseIdentity | SignatureCardIdentity | PrinterIdentity
export type DeviceHealth = TseHealth | SignatureCardHealth | RtHealth

/** A device of one kind as a law uses it: its port, and whether it may be used now. */
export type Usable<Unit, Identity> = {
  readonly unit: Unit
  readonly usable: boolean
  /** Read at the last connection; undefined before the first. */
  readonly identity: Identity | undefined
  readonly trouble: { code: string; message: string } | undefined
  report(error: DeviceError): void
  worked(): void
}

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
