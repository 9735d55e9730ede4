import type { LawFacts } from '../law.ts'

export const FACTS = {
  name: 'RKSV',
  country: 'AUT',
  timeZone: 'Europe/Vienna',
  language: 'de',
  deviceKinds: ['signature-card'],
  needsIdentity: true,
} as const satisfies LawFacts
