/** The two requests of a sale of two lines, as a till sends them; both agents and the maker of journals get the same. */

export const ROLLS = {
  sku_identifier: 'bun-6',
  title: 'Brötchen, 6 Stück',
  quantity: 1,
  unit_price: '4.50',
  total_amount: '4.50',
  taxes: [{ name: 'USt 7 %', rate: '0.07', tax_amount: '0.29' }],
}
const COFFEE = {
  sku_identifier: 'coffee-1',
  title: 'Kaffee, Kanne',
  quantity: 2,
  unit_price: '9.00',
  total_amount: '18.00',
  taxes: [{ name: 'USt 19 %', rate: '0.19', tax_amount: '2.87' }],
}

/** The law of the selling registers: Germany, Austria or Italy. */
export type Law = 'tse' | 'rksv' | 'rt'

const ROLLS_AT = { ...ROLLS, taxes: [{ name: 'USt 10 %', rate: '0.10', tax_amount: '0.41' }] }
const COFFEE_AT = { ...COFFEE, taxes: [{ name: 'USt 20 %', rate: '0.20', tax_amount: '3.00' }] }
const ROLLS_IT = { ...ROLLS, taxes: [{ name: 'IVA 10 %', rate: '0.10', tax_amount: '0.41' }] }
const COFFEE_IT = { ...COFFEE, taxes: [{ name: 'IVA 22 %', rate: '0.22', tax_amount: '3.25' }] }
const SUMS = {
  tse: { pretax_amount: '19.34', tax_amount: '3.16', line_items: [ROLLS, COFFEE] },
  rksv: { pretax_amount: '19.09', tax_amount: '3.41', line_items: [ROLLS_AT, COFFEE_AT] },
  rt: { pretax_amount: '18.84', tax_amount: '3.66', line_items: [ROLLS_IT, COFFEE_IT] },
}

export function saleOf(register: string, law: Law = 'tse') {
  return {
    type: 'sale' as const,
    source: 'POS' as const,
    register_id: register,
    currency: 'EUR',
    tip_amount: '0.00',
    total_amount: '22.50',
    ...SUMS[law],
  }
}

const CASH = { method: 'cash' as const, status: 'captured' as const, currency: 'EUR' }

/** Paid with 50.00, change 27.50. */
export function completionOf(sale: string) {
  return {
    payments: [
      { ...CASH, payment_id: `${sale}-1`, amount: '50.00' },
      { ...CASH, payment_id: `${sale}-2`, amount: '-27.50' },
    ],
  }
}

const ADDRESS = { line1: 'Marktplatz 3', city: 'Lindenau', postal_code: '04177', country_code: 'DEU' }

export const MERCHANT = {
  legal_name: 'Bäckerei Morgenrot GmbH',
  country_code: 'DEU',
  address: ADDRESS,
  fiscal_identities: [{ country_code: 'DEU' as const, tax_number: '232/123/45678', vat_id: 'DE123456789' }],
}
const ADDRESS_IT = { line1: 'Via Garibaldi 12', city: 'Torino', postal_code: '10122', country_code: 'ITA' }
export const ITALY = {
  merchant: {
    legal_name: 'Panificio Aurora S.r.l.',
    country_code: 'ITA',
    address: ADDRESS_IT,
    fiscal_identities: [
      {
        country_code: 'ITA' as const,
        tax_number: '12345678903',
        vat_number: '12345678903',
        fisconline_user: 'RSSMRA80A01H501U',
        fisconline_password: 'bench-only',
        fisconline_pin: '0000000000',
        legal_entity_type: 'COMPANY' as const,
      },
    ],
  },
  location: { name: 'Torino Centro', address: ADDRESS_IT, timezone: 'Europe/Rome' },
}
const ADDRESS_AT = { line1: 'Hauptplatz 7', city: 'Graz', postal_code: '8010', country_code: 'AUT' }
export const AUSTRIA = {
  merchant: {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: 'AUT',
    address: ADDRESS_AT,
    fiscal_identities: [{ country_code: 'AUT' as const, vat_id: 'ATU12345678' }],
  },
  location: { name: 'Hauptplatz', address: ADDRESS_AT, timezone: 'Europe/Vienna' },
}
export const LOCATION = { name: 'Marktplatz', address: ADDRESS, timezone: 'Europe/Berlin' }

export function openingOf(register: string) {
  return {
    type: 'session_open' as const,
    register_id: register,
    currency: 'EUR',
    opening_balance_amount: '50.00',
  }
}
