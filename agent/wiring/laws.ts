import type { Warning } from '../devices/warning.ts'
import type { Austria, AustrianSettings } from '../laws/austria/law.ts'
import { AUSTRIA } from '../laws/austria/law.ts'
import type { GermanSettings, Germany } from '../laws/germany/law.ts'
import { GERMANY } from '../laws/germany/law.ts'
import type { ItalianSettings } from '../laws/italy/law.ts'
import { ITALY } from '../laws/italy/law.ts'
import type { Duty, LawParts, OpenLaw, Regime, RegisterTrouble } from '../laws/law.ts'

/** The laws, with what some of them have beside their rules: books, the memory of TSEs, archives of registers. */
export type Laws = Pick<Germany, 'books' | 'tseMemory'> &
  Pick<Austria, 'archives'> & {
    regimes: readonly Regime[]
    /** What they ask of a human. */
    tasks: () => Duty[]
    /** What keeps registers from recording anything, whatever their devices do. */
    registerTroubles: () => RegisterTrouble[]
    /** What the journal knows of a device that a person should look at. */
    lawConcernsOf: (device: string) => Warning[]
    /** What is done by the clock: archives of registers, reading back TSEs. */
    start: () => void
    stop: () => Promise<void>
  }

/** Every law over this agent's devices, journal and keys. */
export function lawsOf(parts: LawParts<GermanSettings & AustrianSettings & ItalianSettings>): Laws {
  const german = GERMANY.open(parts)
  const austrian = AUSTRIA.open(parts)
  const laws: readonly OpenLaw[] = [german, austrian, ITALY.open(parts)]
  return {
    ...{ books: german.books, tseMemory: german.tseMemory, archives: austrian.archives },
    regimes: laws.map(({ regime }) => regime),
    tasks: () => laws.flatMap((law) => law.tasks?.() ?? []),
    registerTroubles: () => laws.flatMap((law) => law.registerTroubles?.() ?? []),
    lawConcernsOf: (device) => laws.flatMap((law) => law.concernsOf?.(device) ?? []),
    start: () => {
      for (const law of laws) law.start?.()
    },
    stop: async () => {
      await Promise.all(laws.map((law) => law.stop?.()))
    },
  }
}
