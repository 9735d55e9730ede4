import type { ValuesOf } from '../../config/law-settings.ts'
import type { LawForCommands } from '../law-for-commands.ts'
import { AUDIT } from './audit.ts'
import { FACTS } from './facts.ts'
import { SETTINGS } from './settings.ts'

export const ITALY = {
  ...FACTS,
  settings: SETTINGS,
  audit: AUDIT,
  // The printer keeps its own files.
  verify: undefined,
  exports: undefined,
  loss: undefined,
  demo: async () => (await import('./demo/demo.ts')).DEMO,
} satisfies LawForCommands<ValuesOf<typeof SETTINGS.keys>>
