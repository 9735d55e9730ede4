import type { DemoShop } from '../../../demo-shift.ts'
import { FACTS } from '../../facts.ts'
import { PRINTER_DEVICE } from '../proofs.ts'

const ADDRESS = { line1: 'Piazza Castello 4', city: 'Torino', postal_code: '10123', country_code: FACTS.country }

/** The departments of the simulated printer, and one of 22 % for services. */
const DEPARTMENTS = { '0.22': 1, '0.22/servizi': 12, '0.10': 2, '0.04': 4, N1: 5, N2: 6 }
export const DEVICE = { ...PRINTER_DEVICE, departments: DEPARTMENTS }

export const SHOP: DemoShop = {
  merchant: {
    legal_name: 'Bar Centrale di Anna Rossi',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [
      {
        country_code: FACTS.country,
        tax_number: '12345678903',
        vat_number: '12345678903',
        legal_entity_type: 'COMPANY',
      },
    ],
  },
  location: { name: 'Piazza Castello', address: ADDRESS },
  register: 'Banco',
  fiscalization: {},
}
