import type { ValuesOf } from '../../base/settings/law-settings.ts'
import { keysOf } from '../../base/settings/law-settings.ts'
import { AUSTRIA } from './austria/entry.ts'
import { GERMANY } from './germany/entry.ts'
import { ITALY } from './italy/entry.ts'
import type { Law } from './law.ts'
import type { LawEntry } from './law-entry.ts'

/** The built-in laws, in the order in which commands and documents name them. */
const BUILT_IN = [GERMANY, AUSTRIA, ITALY] as const

/** The settings that any of them reads. */
type Settings = Awaited<ReturnType<(typeof BUILT_IN)[number]['load']>> extends Law<infer All> ? All : never

/** Their keys of agent.json. */
export const LAW_KEYS = keysOf(BUILT_IN)

/** The built-in laws, without the parts that only the daemon or a verification loads. */
export const LAWS: readonly LawEntry<ValuesOf<typeof LAW_KEYS>>[] = BUILT_IN

/** Their names in commands. */
export const LAW_WORDS = LAWS.map(({ settings }) => settings.word)

/** The law of such a name. */
export function lawCalled(word: string): (typeof LAWS)[number] {
  const law = LAWS.find(({ settings }) => settings.word === word)
  if (law === undefined) throw new Error(`no law is called ${word}`)
  return law
}

/** Loads the built-in laws whole, for the daemon. */
export function loadLaws(): Promise<readonly Law<Settings>[]> {
  return Promise.all(BUILT_IN.map(({ load }) => load()))
}
