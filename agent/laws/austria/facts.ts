import type { LawFacts } from '../law-facts.ts'

export const FACTS = {
  name: 'RKSV',
  country: 'AUT',
  adjective: 'Austrian',
  timeZone: 'Europe/Vienna',
  language: 'de',
  deviceKinds: ['signature_card'],
  taxNumbers: {
    members: ['vat_id', 'tax_number'],
    otherCompany:
      'Another company has its own units and registers: end these registers (Schlussbeleg, end in FinanzOnline), then create another merchant, and for its registers signature units with its UID.',
  },
  // § 17 RKSV. It also replaces the signature (jws.ts), so it is part of the format of DEP7.
  // verify/rksv/dep7-receipt.ts has its own copy on purpose.
  outageText: 'Sicherheitseinrichtung ausgefallen',
  // § 132a (3) BAO, since 2026-10-01.
  handsOverByDisplay: true,
} as const satisfies LawFacts
