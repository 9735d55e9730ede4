import type { ValuesOf } from '../config/law-settings.ts'
import { keysOf } from '../config/law-settings.ts'
import { AUSTRIA } from './austria/for-commands.ts'
import { GERMANY } from './germany/for-commands.ts'
import { ITALY } from './italy/for-commands.ts'
import type { LawForCommands } from './law-for-commands.ts'
import type { LawName } from './names.ts'

const BY_NAME = { germany: GERMANY, austria: AUSTRIA, italy: ITALY } satisfies Record<LawName, LawForCommands<never>>

/** Their keys of agent.json, in the order in which they are checked: Italy's first. */
export const LAW_KEYS = keysOf([ITALY, ...Object.values(BY_NAME)])

/** The built-in laws, as commands read them. */
export const COMMAND_LAWS: readonly LawForCommands<ValuesOf<typeof LAW_KEYS>>[] = Object.values(BY_NAME)

/** Their names in commands. */
export const LAW_WORDS = COMMAND_LAWS.map(({ settings }) => settings.word)
