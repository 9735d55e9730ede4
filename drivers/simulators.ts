import { ALL_FAMILIES } from './catalog.ts'
import type { Simulator } from './running-simulator.ts'

/** The simulators that `fiskal-edge simulate` runs, by the name of the driver. A family is loaded only on demand. */
export const SIMULATORS: ReadonlyMap<string, Simulator> = new Map(
  ALL_FAMILIES.flatMap(({ driver, simulator }) => (simulator === undefined ? [] : [[driver, simulator]])),
)
