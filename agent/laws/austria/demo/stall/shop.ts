import type { DemoShop } from '../../../demo-shift.ts'
import { FACTS } from '../../facts.ts'

const ADDRESS = { line1: 'Glockenspielplatz 1', city: 'Graz', postal_code: '8010', country_code: FACTS.country }

export const SHOP: DemoShop = {
  merchant: {
    legal_name: 'Punschhütte Morgenrot e.U.',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [{ country_code: FACTS.country, vat_id: 'ATU12345678' }],
  },
  location: { name: 'Adventmarkt', address: ADDRESS },
  register: 'Hütte 1',
  fiscalization: { pos_client_serial_number: 'HUETTE-1' },
}
