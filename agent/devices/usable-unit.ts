import type { DeviceError } from '../../drivers/errors.ts'
import type { DeviceUnit } from '../../drivers/ports/device.ts'
import type { DeviceIdentity } from './device.ts'
import type { IdentityOf, Trouble, Usable } from './usable.ts'

/** The members of a supervisor that a law uses. */
type Supervised = {
  readonly usable: boolean
  readonly identity: DeviceIdentity | undefined
  readonly obstacle: Trouble | undefined
  report(error: DeviceError): void
  worked(): void
  isBack(latestNs: bigint): Promise<boolean>
}

/** A device as the law of its kind uses it. Looked up at each use: the state changes while an act waits. */
export function usableUnit<Unit extends DeviceUnit>(device: Supervised, unit: Unit): Usable<Unit> {
  return {
    unit,
    get usable() {
      return device.usable
    },
    get identity() {
      return device.identity as IdentityOf<Unit> | undefined
    },
    get trouble() {
      return device.obstacle
    },
    report: (error) => device.report(error),
    worked: () => device.worked(),
    isBack: (latestNs) => device.isBack(latestNs),
  }
}
