import type { LawFacts } from '../law-facts.ts'

export const FACTS = {
  name: 'RT',
  country: 'ITA',
  adjective: 'Italian',
  timeZone: 'Europe/Rome',
  language: 'it',
  deviceKinds: ['fiscal_printer'],
  needsIdentity: true,
} as const satisfies LawFacts
