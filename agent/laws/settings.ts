import { FACTS as AUSTRIA } from './austria/facts.ts'
import { SETTINGS as AUSTRIAN } from './austria/settings.ts'
import { FACTS as GERMANY } from './germany/facts.ts'
import { SETTINGS as GERMAN } from './germany/settings.ts'
import { FACTS as ITALY } from './italy/facts.ts'
import { SETTINGS as ITALIAN } from './italy/settings.ts'

/** The built-in laws for reading a configuration: a command loads nothing else of a law for that. */
export const CONFIGURED_LAWS = [
  { ...GERMANY, settings: GERMAN },
  { ...AUSTRIA, settings: AUSTRIAN },
  { ...ITALY, settings: ITALIAN },
] as const

/** In the order in which the keys are checked. */
export const LAW_KEYS = { ...ITALIAN.keys, ...GERMAN.keys, ...AUSTRIAN.keys } as const

/** How commands name them. */
export const LAW_WORDS = CONFIGURED_LAWS.map(({ settings }) => settings.word)
