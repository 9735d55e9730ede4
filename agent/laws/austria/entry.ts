import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { LawEntry } from '../law-entry.ts'
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
  notices: undefined,
  loss: LOSS,
  demos: [
    { shop: 'bakery', load: async () => (await import('./demo/demo.ts')).DEMO },
    { shop: 'stall', load: async () => (await import('./demo/stall/demo.ts')).STALL },
  ],
  books: async () => (await import('./books/law-books.ts')).AUSTRIAN_BOOKS,
  load: async () => (await import('./law.ts')).AUSTRIAN_LAW,
} satisfies LawEntry<ValuesOf<typeof SETTINGS.keys>>
