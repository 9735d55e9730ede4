import type { Clock } from '../base/clock.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { Plug } from './ports/plug.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import type { DeviceSecrets } from './ports/secrets.ts'
import type { TimeGate } from './ports/time-gate.ts'
import type { TseNumbers } from './ports/tse.ts'
import type { SeStore } from './se-api/store.ts'

/** What a driver needs from the agent. */
export type DriverContext = {
  clock: Clock
  /** Own folder of a device, 0700. */
  directoryOf: (deviceId: string) => string
  /** Memory of a software secure element that survives a power cut. */
  storeOf: (deviceId: string) => SeStore
  /** Serial number enrolled for a device id: what is looked for where it is not in its place. */
  enrolledSerial?: (device: string) => string | undefined
  /** What the journal has from the unit of that serial number, where it is the one of that device. */
  numbersOf?: (device: string, serial: string) => TseNumbers | undefined
  /** Where a TSE gets the time from; without one a driver knows no more than it has seen itself. */
  timeOf?: (device: string) => TimeGate
  /** Content of a secret file, trailing newline dropped; read anew each time. */
  readSecret: (path: string) => Promise<string>
  /** Content of a file that the configuration names; read anew each time. */
  readFile?: (path: string) => Promise<Buffer>
  /** Secrets of a device by their names: out of the files that the shop names, else sealed by the agent. */
  secretsOf: (deviceId: string, files: Readonly<Record<string, string | undefined>>) => DeviceSecrets
}

type Loaded = { load(): QueueLoad }
type Faulty = { inject(fault: string): void; clearFaults(): void }

/** `plug`: its line, or what else shows that it was unplugged. */
export function opened<Unit extends Loaded>({ id, driver }: Named, unit: Unit, plug?: Plug): OpenedDevice<Unit> {
  return {
    id,
    driver,
    unit,
    load: () => unit.load(),
    ...(plug !== undefined && { plug }),
  }
}

/** The same for a simulator: it can be told to fail. */
export function simulated<Unit extends Loaded & Faulty & Plug>(named: Named, unit: Unit): OpenedDevice<Unit> {
  return {
    ...opened(named, unit, unit),
    inject: (fault) => unit.inject(fault),
    clearFaults: () => unit.clearFaults(),
  }
}

type Named = { id: string; driver: string }
