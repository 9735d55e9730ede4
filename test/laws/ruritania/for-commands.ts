import type { ValuesOf } from '../../../agent/config/law-settings.ts'
import type { LawForCommands } from '../../../agent/laws/law-for-commands.ts'
import { FACTS } from './facts.ts'
import { LOSS } from './loss.ts'
import { SETTINGS } from './settings.ts'

export const RURITANIA_FOR_COMMANDS = {
  ...FACTS,
  settings: SETTINGS,
  audit: undefined,
  verify: undefined,
  exports: undefined,
  loss: LOSS,
  demo: undefined,
} satisfies LawForCommands<ValuesOf<typeof SETTINGS.keys>>
