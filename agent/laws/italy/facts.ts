import type { LawFacts } from '../law-facts.ts'

export const FACTS = {
  name: 'RT',
  country: 'ITA',
  adjective: 'Italian',
  timeZone: 'Europe/Rome',
  language: 'it',
  deviceKinds: ['fiscal_printer'],
  taxNumbers: {
    members: ['vat_number', 'tax_number'],
    otherCompany:
      'Another company: make the Z and end these registers; a technician registers the printer for the other Partita IVA, also at the portal Fatture e Corrispettivi; then create another merchant with new registers.',
  },
} as const satisfies LawFacts
