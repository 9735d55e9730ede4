import { SIMULATED as CARD_SIMULATOR } from './card-simulator/family.ts'
import { ALL_FAMILIES } from './catalog.ts'
import { SIMULATED_SERVICE } from './finanzonline/simulated-service.ts'
import { EMBEDDED as RT_SIMULATOR } from './rt-rch/embedded-family.ts'
import type { Simulator } from './running-simulator.ts'
import { SIMULATED as TSE_SIMULATOR } from './tse-simulator/family.ts'

/** The simulators that `fiskal-edge simulate` runs, by the name of the driver or service. A family is loaded only on demand. */
export const SIMULATORS: ReadonlyMap<string, Simulator> = new Map([
  ...ALL_FAMILIES.flatMap(({ driver, simulator }): [string, Simulator][] =>
    simulator === undefined ? [] : [[driver, simulator]],
  ),
  ['finanzonline', SIMULATED_SERVICE],
])

/** The drivers of simulators that the agent contains: what they sign and print is in its state directory. */
export const EMBEDDED_SIMULATORS: ReadonlySet<string> = new Set(
  [TSE_SIMULATOR, CARD_SIMULATOR, RT_SIMULATOR].map(({ driver }) => driver),
)
