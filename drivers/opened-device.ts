import type { Clock } from '../base/clock.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { Plug } from './ports/plug.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import type { DeviceSecrets } from './ports/secrets.ts'
import { TOKEN_PIN } from './ports/secrets.ts'
import type { TimeGate } from './ports/time-gate.ts'
import type { TseNumbers } from './ports/tse.ts'
import type { Recorder } from './recording/recorder.ts'
import type { SeStore } from './se-api/store.ts'

/** The services of the agent for a driver. */
export type DriverContext = {
  clock: Clock
  /** Sees the bytes of the line; only `device prove` and tests have one. */
  recorder?: Recorder | undefined
  /** Objects that several devices of a family share, by a key that begins with its driver. Without it they share none. */
  shared?: Map<string, object>
  /** Own folder of a device, 0700. */
  directoryOf: (deviceId: string) => string
  /** Memory of a software secure element that survives a power cut. */
  storeOf: (deviceId: string) => SeStore
  /** Serial number enrolled for a device id: the driver searches for it if the unit is not in its folder. */
  enrolledSerial?: (device: string) => string | undefined
  /** Another id of the configuration under which the unit with that serial number is enrolled. */
  otherIdOf?: (device: string, serial: string) => string | undefined
  /** Highest numbers in the journal from the unit with that serial number, if it is the one of that device. */
  numbersOf?: (device: string, serial: string) => TseNumbers | undefined
  /** The source of time for a TSE; without it a driver has only its own observations. */
  timeOf?: (device: string) => TimeGate
  /** The PIN in a file; read again each time. */
  readSecret: (path: string) => Promise<string>
  /** Content of a file named in the configuration; read again each time. */
  readFile?: (path: string) => Promise<Buffer>
  /** Secrets of a device by name: from the files in the configuration, else stored encrypted by the agent. */
  secretsOf: (deviceId: string, files: Readonly<Record<string, string | undefined>>) => DeviceSecrets
}

/** The arguments that every driver of a TSE has. */
export function tseParts(id: string, { clock, timeOf, directoryOf, recorder }: DriverContext) {
  return { id, clock, time: timeOf?.(id), directory: directoryOf(id), recorder }
}

type Token = {
  readonly id: string
  readonly module: string
  readonly token: string
  readonly pinFile: string
  readonly key?: string | undefined
  readonly certFile?: string | undefined
}

/** The arguments that every driver of a PKCS#11 token has. */
export function tokenParts({ id, module, token, key, certFile, pinFile }: Token, context: DriverContext) {
  return {
    id,
    module,
    token,
    key,
    certFile,
    clock: context.clock,
    directory: context.directoryOf(id),
    pin: () => context.readSecret(pinFile),
    secrets: context.secretsOf(id, { [TOKEN_PIN]: pinFile }),
    readFile: context.readFile,
    recorder: context.recorder,
    // An entry that names its key may share the token with the other one.
    owners: key === undefined ? ownersOf(id, context) : undefined,
  }
}

function ownersOf(id: string, { enrolledSerial, otherIdOf }: DriverContext) {
  return {
    isOwn: (serial: string) => enrolledSerial?.(id) === serial,
    otherIdOf: (serial: string) => otherIdOf?.(id, serial),
  }
}

type Loaded = { load(): QueueLoad }
type Faulty = { inject(fault: string): void; clearFaults(): void }

/** `plug`: its line, or another source of plug events. */
export function opened<Unit extends Loaded>({ id, driver }: Named, unit: Unit, plug?: Plug): OpenedDevice<Unit> {
  return {
    id,
    driver,
    unit,
    load: () => unit.load(),
    ...(plug !== undefined && { plug }),
  }
}

/** The same for a simulator, with faults. */
export function simulated<Unit extends Loaded & Faulty & Plug>(named: Named, unit: Unit): OpenedDevice<Unit> {
  return {
    ...opened(named, unit, unit),
    inject: (fault) => unit.inject(fault),
    clearFaults: () => unit.clearFaults(),
  }
}

type Named = { id: string; driver: string }
