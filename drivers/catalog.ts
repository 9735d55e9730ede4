import type { Clock } from './ports/clock.ts'
import type { QueueLoad, Tse } from './ports/tse.ts'
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
/** A device of the configuration whose driver is built. */
export type DeviceSettings = SimulatorSettings | Pkcs11Settings

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
  unit: Tse
  load(): QueueLoad
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`. */
  inject?: (fault: string) => void
  clearFaults?: () => void
}

const BUILT = new Set(['tse-simulator', 'tse-pkcs11'])

/** True where the driver exists; the others are valid configuration that a later version serves. */
export function isBuilt<Settings extends { driver: string }>(
  settings: Settings,
): settings is Settings & { driver: DeviceSettings['driver'] } {
  return BUILT.has(settings.driver)
}

/** Makes the driver of one device; connects nothing. A family is loaded only when a device asks for it. */
export async function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  const { id, driver } = settings
  const directory = context.directoryOf(id)
  if (settings.driver === 'tse-simulator') {
    const { TseSimulator } = await import('./tse-simulator/driver.ts')
    const tse = new TseSimulator({
      id,
      directory,
      curve: settings.curve,
      latencyMs: settings.latencyMs,
      clock: context.clock,
    })
    return {
      id,
      driver,
      unit: tse,
      load: () => tse.load(),
      inject: (fault) => tse.inject(fault),
      clearFaults: () => tse.clearFaults(),
    }
  }
  const { openPkcs11Tse } = await import('./tse-pkcs11/driver.ts')
  const { module, token, pinFile, key, curve, certFile, timeouts } = settings
  const tse = openPkcs11Tse({
    id,
    directory,
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
