import type { Clock } from './ports/clock.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import type { SignatureCard } from './ports/signature-card.ts'
import type { QueueLoad, Tse } from './ports/tse.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { makePrinter } from './printer-catalog.ts'
import type { SeStore } from './se-api/store.ts'

type SimulatorSettings = {
  id: string
  driver: 'tse-simulator'
  curve: 'P-256' | 'P-384' | 'brainpoolP256r1' | 'brainpoolP384r1'
  latencyMs: number
}
type Pkcs11Settings = {
  id: string
  driver: 'tse-pkcs11'
  module: string
  token: string
  pinFile: string
  key?: string | undefined
  curve: 'P-256' | 'P-384' | 'brainpoolP384r1'
  certFile?: string | undefined
  timeouts: { replyMs: number; longMs: number }
}
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
/** A device of the configuration whose driver is built. */
export type DeviceSettings = SimulatorSettings | Pkcs11Settings | CardSimulatorSettings | CardSettings | PrinterSettings

/** What a driver needs from the agent. */
export type DriverContext = {
  clock: Clock
  /** Own folder of a device, 0700. */
  directoryOf: (deviceId: string) => string
  /** Memory of a software secure element that survives a power cut. */
  storeOf: (deviceId: string) => SeStore
  /** Content of a secret file, trailing newline dropped; read anew each time. */
  readSecret: (path: string) => Promise<string>
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

const BUILT = new Set([
  ...['tse-simulator', 'tse-pkcs11', 'card-simulator', 'card-pkcs11'],
  ...['rt-rch', 'rt-custom', 'rt-epson', 'rt-simulator'],
])

/** True where the driver exists; the others are valid configuration that a later version serves. */
export function isBuilt<Settings extends { driver: string }>(
  settings: Settings,
): settings is Settings & { driver: DeviceSettings['driver'] } {
  return BUILT.has(settings.driver)
}

/** Makes the driver of one device; connects nothing. A family is loaded only when a device asks for it. */
export function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  switch (settings.driver) {
    case 'tse-simulator':
      return makeTseSimulator(settings, context)
    case 'tse-pkcs11':
      return makePkcs11Tse(settings, context)
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

async function makeTseSimulator(settings: SimulatorSettings, context: DriverContext): Promise<OpenedDevice> {
  const { id, driver, curve, latencyMs } = settings
  const { TseSimulator } = await import('./tse-simulator/driver.ts')
  const { clock } = context
  return simulated(driver, id, new TseSimulator({ id, directory: context.directoryOf(id), curve, latencyMs, clock }))
}

async function makeCardSimulator({ id, driver }: CardSimulatorSettings, context: DriverContext): Promise<OpenedDevice> {
  const { CardSimulator } = await import('./card-simulator/driver.ts')
  return simulated(driver, id, new CardSimulator({ id, directory: context.directoryOf(id), clock: context.clock }))
}

function simulated(
  driver: string,
  id: string,
  unit: (Tse | SignatureCard) & { load(): QueueLoad; inject(fault: string): void; clearFaults(): void },
): OpenedDevice {
  return {
    id,
    driver,
    unit,
    load: () => unit.load(),
    inject: (fault) => unit.inject(fault),
    clearFaults: () => unit.clearFaults(),
  }
}

async function makePkcs11Tse(settings: Pkcs11Settings, context: DriverContext): Promise<OpenedDevice> {
  const { openPkcs11Tse } = await import('./tse-pkcs11/driver.ts')
  const { id, driver, module, token, pinFile, key, curve, certFile, timeouts } = settings
  const tse = openPkcs11Tse({
    id,
    directory: context.directoryOf(id),
    module,
    token,
    curve,
    timeouts: { signMs: timeouts.replyMs, longMs: timeouts.longMs },
    pin: () => context.readSecret(pinFile),
    store: context.storeOf(id),
    clock: context.clock,
    ...(key !== undefined && { key }),
    ...(certFile !== undefined && { certFile }),
  })
  return { id, driver, unit: tse, load: () => tse.load() }
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
