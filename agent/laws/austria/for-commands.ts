import type { ValuesOf } from '../../config/law-settings.ts'
import type { LawForCommands } from '../law-for-commands.ts'
import { AUDIT } from './audit.ts'
import { FACTS } from './facts.ts'
import { LOSS } from './loss.ts'
import { OFFERED } from './offered-exports.ts'
import { SETTINGS } from './settings.ts'
import { VERIFY } from './verify.ts'

export const AUSTRIA = {
  ...FACTS,
  settings: SETTINGS,
  audit: AUDIT,
  verify: VERIFY,
  exports: OFFERED,
  loss: LOSS,
  demo: async () => (await import('./demo/demo.ts')).DEMO,
} satisfies LawForCommands<ValuesOf<typeof SETTINGS.keys>>
