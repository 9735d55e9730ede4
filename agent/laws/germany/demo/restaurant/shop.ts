import type { DemoShop } from '../../../demo-shift.ts'
import { FACTS } from '../../facts.ts'

const ADDRESS = { line1: 'Am Kanal 12', city: 'Lindenau', postal_code: '04177', country_code: FACTS.country }

/** A handheld of the one register for each waiter. */
const HANDHELDS = ['Handgerät 1', 'Handgerät 2', 'Handgerät 3'].map((id, index) => {
  return { id, serial_number: `HG-2026-000${index + 1}`, brand: 'Muster', model: 'M 5' }
})

/** A waiter as each of its requests names it. */
export type Waiter = { readonly operator_id: string; readonly operator_name: string; readonly terminal_id: string }

function waiter(name: string, index: number): Waiter {
  return { operator_id: `k-${index + 1}`, operator_name: name, terminal_id: HANDHELDS[index]?.id ?? '' }
}

export const [ANNA, BEN, CEM] = [waiter('Anna', 0), waiter('Ben', 1), waiter('Cem', 2)]

/** Lottery tickets are sold in its name. */
export const LOTTERY = 1

export const SHOP: DemoShop = {
  merchant: {
    legal_name: 'Gasthaus Lindenau GmbH',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [{ country_code: FACTS.country, tax_number: '232/124/45679', vat_id: 'DE123456789' }],
    agencies: [{ id: LOTTERY, name: 'Lotto Lindenau GmbH', address: ADDRESS, tax_number: '232/555/00001' }],
  },
  location: { name: 'Gasthaus am Kanal', address: ADDRESS },
  register: 'Theke',
  terminals: HANDHELDS,
  fiscalization: {},
}
