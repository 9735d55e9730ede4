import type { LawFacts } from '../../../agent/laws/law-facts.ts'

/** A made-up country: its shops sign with their own key, and no device. */
export const FACTS = {
  name: 'Ruritania',
  country: 'RUR',
  adjective: 'Ruritanian',
  timeZone: 'Europe/Prague',
  language: 'en',
  deviceKinds: [],
  taxNumbers: undefined,
} as const satisfies LawFacts

/** Its only VAT rate. */
export const RATE = '0.15'
/** The name in its acts instead of a device. */
export const KEY = 'ruritania-key'
