import type { LawFacts } from '../law.ts'

export const FACTS = {
  name: 'RKSV',
  country: 'AUT',
  adjective: 'Austrian',
  timeZone: 'Europe/Vienna',
  language: 'de',
  deviceKinds: ['signature-card'],
  needsIdentity: true,
  // § 17 RKSV; it replaces the signature too.
  outageText: 'Sicherheitseinrichtung ausgefallen',
} as const satisfies LawFacts
