import type { LawFacts } from '../law.ts'

export const FACTS = {
  name: 'KassenSichV',
  country: 'DEU',
  timeZone: 'Europe/Berlin',
  language: 'de',
  deviceKinds: ['tse'],
} as const satisfies LawFacts
