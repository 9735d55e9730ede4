import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { LawEntry } from '../law-entry.ts'
import { AUDIT } from './audit.ts'
import { FACTS } from './facts.ts'
import { OFFERED } from './offered-exports.ts'
import { SETTINGS } from './settings.ts'
import { VERIFY } from './verify.ts'

export const GERMANY = {
  ...FACTS,
  settings: SETTINGS,
  audit: AUDIT,
  verify: VERIFY,
  exports: OFFERED,
  notices: {
    type: 'elster',
    description: 'the notice of a place and its tills for Mein ELSTER (§ 146a Abs. 4 AO), with a sheet',
    join: async (notice, others) => (await import('./elster/join.ts')).joined(notice, others),
  },
  loss: undefined,
  demos: [
    { shop: 'bakery', load: async () => (await import('./demo/demo.ts')).DEMO },
    { shop: 'restaurant', load: async () => (await import('./demo/restaurant/demo.ts')).RESTAURANT },
  ],
  books: async () => (await import('./books/law-books.ts')).GERMAN_BOOKS,
  load: async () => (await import('./law.ts')).GERMAN_LAW,
} satisfies LawEntry<ValuesOf<typeof SETTINGS.keys>>
