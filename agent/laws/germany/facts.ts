import type { LawFacts } from '../law.ts'

export const FACTS = {
  name: 'KassenSichV',
  country: 'DEU',
  timeZone: 'Europe/Berlin',
  language: 'de',
  deviceKinds: ['tse'],
  needsIdentity: true,
} as const satisfies LawFacts
