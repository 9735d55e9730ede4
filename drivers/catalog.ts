import type { Clock } from './ports/clock.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import type { DeviceSecrets } from './ports/secrets.ts'
import type { SignatureCard } from './ports/signature-card.ts'
import type { QueueLoad, Tse } from './ports/tse.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { makePrinter } from './printer-catalog.ts'
import type { SeStore } from './se-api/store.ts'
import type { TseSettings } from './tse-catalog.ts'
import { makeTse } from './tse-catalog.ts'

type CardSimulatorSettings = { id: string; driver: 'card-simulator' }
type CardSettings = {
  id: string
  driver: 'card-pkcs11'
  module: string
  token: string
  pinFile: string
  key?: string | undefined
  vda: string
  certFile?: string | undefined
}
/** A device of the configuration. */
export type DeviceSettings = TseSettings | CardSimulatorSettings | CardSettings | PrinterSettings

/** What a driver needs from the agent. */
export type DriverContext = {
  clock: Clock
  /** Own folder of a device, 0700. */
  directoryOf: (deviceId: string) => string
  /** Memory of a software secure element that survives a power cut. */
  storeOf: (deviceId: string) => SeStore
  /** Content of a secret file, trailing newline dropped; read anew each time. */
  readSecret: (path: string) => Promise<string>
  /** Secrets of a device by their names: out of the files that the shop names, else sealed by the agent. */
  secretsOf: (deviceId: string, files: Readonly<Record<string, string | undefined>>) => DeviceSecrets
}

export type OpenedDevice = {
  id: string
  driver: string
  unit: Tse | SignatureCard | FiscalPrinter
  load(): QueueLoad
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`. */
  inject?: (fault: string) => void
  clearFaults?: () => void
}

/** Makes the driver of one device; connects nothing. A family is loaded only when a device asks for it. */
export function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  switch (settings.driver) {
    case 'tse-simulator':
    case 'tse-pkcs11':
    case 'tse-cryptovision':
    case 'tse-diebold':
    case 'tse-epson':
    case 'tse-swissbit':
      return makeTse(settings, context)
    case 'card-simulator':
      return makeCardSimulator(settings, context)
    case 'card-pkcs11':
      return makePkcs11Card(settings, context)
    case 'rt-rch':
    case 'rt-custom':
    case 'rt-epson':
    case 'rt-simulator':
      return makePrinter(settings, context)
  }
}

async function makeCardSimulator({ id, driver }: CardSimulatorSettings, context: DriverContext): Promise<OpenedDevice> {
  const { CardSimulator } = await import('./card-simulator/driver.ts')
  const unit = new CardSimulator({ id, directory: context.directoryOf(id), clock: context.clock })
  return {
    id,
    driver,
    unit,
    load: () => unit.load(),
    inject: (fault) => unit.inject(fault),
    clearFaults: () => unit.clearFaults(),
  }
}

async function makePkcs11Card(settings: CardSettings, context: DriverContext): Promise<OpenedDevice> {
  const { Pkcs11Card } = await import('./card-pkcs11/driver.ts')
  const { id, driver, module, token, pinFile, key, vda, certFile } = settings
  const card = new Pkcs11Card({
    id,
    directory: context.directoryOf(id),
    module,
    token,
    vda,
    pin: () => context.readSecret(pinFile),
    clock: context.clock,
    ...(key !== undefined && { key }),
    ...(certFile !== undefined && { certFile }),
  })
  return { id, driver, unit: card, load: () => card.load() }
}
