import type { DemoShop } from '../../../demo-shift.ts'
import { FACTS } from '../../facts.ts'

const ADDRESS = { line1: 'Piazza Castello 4', city: 'Torino', postal_code: '10123', country_code: FACTS.country }

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
