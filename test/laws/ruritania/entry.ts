import type { LawEntry } from '../../../agent/laws/law-entry.ts'
import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import { FACTS } from './facts.ts'
import { LOSS } from './loss.ts'
import { OFFERED } from './offered-exports.ts'
import { SETTINGS } from './settings.ts'

export const RURITANIA = {
  ...FACTS,
  settings: SETTINGS,
  audit: undefined,
  verify: undefined,
  exports: OFFERED,
  notices: undefined,
  loss: LOSS,
  demos: undefined,
  books: undefined,
  load: async () => (await import('./law.ts')).RURITANIAN_LAW,
} satisfies LawEntry<ValuesOf<typeof SETTINGS.keys>>
