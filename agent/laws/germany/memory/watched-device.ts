import type { OpenedDevice } from '../../../../drivers/ports/device.ts'
import type { Tse, TseHealth } from '../../../../drivers/ports/tse.ts'
import type { Trouble, Usable } from '../../../devices/usable.ts'

/** A device as who looks after the memory of TSEs needs it: how it is, and whether a till is at work on it. */
export type WatchedDevice = {
  readonly id: string
  readonly usable: boolean
  readonly trouble: Trouble | undefined
  /** Both undefined for a device of another kind. */
  readonly asTse: Usable<Tse> | undefined
  readonly tseHealth: TseHealth | undefined
  readonly idleMs: number
  readonly device: Pick<OpenedDevice, 'load'>
}
