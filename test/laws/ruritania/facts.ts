import type { LawFacts } from '../../../agent/laws/law.ts'

/** A made-up country: its shops sign with a key of their own, and no device. */
export const FACTS = {
  name: 'Ruritania',
  country: 'RUR',
  timeZone: 'Europe/Prague',
  language: 'en',
  deviceKinds: [],
  needsIdentity: false,
} as const satisfies LawFacts

/** Its only VAT rate. */
export const RATE = '0.15'
/** What its acts name where others name a device. */
export const KEY = 'ruritania-key'
