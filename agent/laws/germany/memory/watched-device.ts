import type { OpenedDevice } from '../../../../drivers/ports/device.ts'
import type { Tse, TseHealth } from '../../../../drivers/ports/tse.ts'
import type { Trouble, Usable } from '../../../devices/usable.ts'

/** A device for the maintenance of TSE memory: its state, and whether a till is using it. */
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
