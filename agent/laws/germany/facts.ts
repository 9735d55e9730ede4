import type { LawFacts } from '../law-facts.ts'

export const FACTS = {
  name: 'KassenSichV',
  country: 'DEU',
  adjective: 'German',
  timeZone: 'Europe/Berlin',
  language: 'de',
  deviceKinds: ['tse'],
  taxNumbers: {
    members: ['tax_number', 'vat_id'],
    ofOffice: 'tax_number',
    otherCompany:
      'Another company has its own registers: end these (decommission, notice to the Finanzamt), then create another merchant with new ones.',
  },
  // AEAO to § 146a, outage section.
  outageText: 'TSE ausgefallen',
} as const satisfies LawFacts

/**
 * The second line of that outage if the clock is its cause: a TSE must not sign an unverified time (KassenSichV § 2).
 */
export const CLOCK_TEXT = 'Uhrzeit nicht gesichert'
