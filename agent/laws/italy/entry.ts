import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { LawEntry } from '../law-entry.ts'
import { AUDIT } from './audit.ts'
import { FACTS } from './facts.ts'
import { OFFERED } from './offered-exports.ts'
import { SETTINGS } from './settings.ts'

export const ITALY = {
  ...FACTS,
  settings: SETTINGS,
  audit: AUDIT,
  // The printer keeps its own files.
  verify: undefined,
  exports: OFFERED,
  notices: undefined,
  loss: undefined,
  demos: [
    { shop: 'coffee', load: async () => (await import('./demo/demo.ts')).DEMO },
    { shop: 'bar', load: async () => (await import('./demo/bar/demo.ts')).BAR },
    { shop: 'bar', isEmergency: true, load: async () => (await import('./demo/emergency/demo.ts')).EMERGENCY },
  ],
  books: async () => (await import('./books/law-books.ts')).ITALIAN_BOOKS,
  load: async () => (await import('./law.ts')).ITALIAN_LAW,
} satisfies LawEntry<ValuesOf<typeof SETTINGS.keys>>
