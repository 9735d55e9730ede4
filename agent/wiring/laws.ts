import type { OfEachLaw } from '../contract/laws.ts'
import type { Duty, Regime } from '../laws/law.ts'
import type { Austria, AustriaOptions } from './austria.ts'
import { austriaOf } from './austria.ts'
import type { Germany, GermanyOptions } from './germany.ts'
import { germanyOf } from './germany.ts'
import { italyOf, printerDoubts } from './italy.ts'

/** The laws, with what some of them have beside their rules: books, the memory of TSEs, archives of registers. */
export type Laws = Pick<Germany, 'books' | 'tseMemory'> &
  Pick<Austria, 'archives' | 'registerTroubles'> & {
    regimes: readonly Regime[]
    /** What they ask of a human. */
    tasks: () => Duty[]
    /** What is done by the clock: archives of registers, reading back TSEs. */
    start: () => void
    stop: () => Promise<void>
  }

/** Every law over this agent's devices, journal and keys. */
export function lawsOf(options: GermanyOptions & AustriaOptions): Laws {
  const { regime: german, tasks: germanTasks, readBack, ...germany } = germanyOf(options)
  const { regime: austrian, tasks: austrianTasks, dep131, ...austria } = austriaOf(options)
  const laws: OfEachLaw<Regime> = { KassenSichV: german, RKSV: austrian, RT: italyOf(options) }
  return {
    ...germany,
    ...austria,
    regimes: Object.values(laws),
    tasks: () => [...germanTasks(), ...austrianTasks(), ...printerDoubts(options.journal)],
    start: () => {
      dep131?.start()
      readBack.start()
    },
    stop: async () => {
      await Promise.all([dep131?.stop(), readBack.stop()])
    },
  }
}
