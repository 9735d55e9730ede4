import type { Bench, Register } from '../bench.ts'
import type { Client, Members } from '../client.ts'
import { event } from '../goods.ts'

export const LOTTO = {
  id: 1,
  name: 'Lotto Berlin GmbH',
  address: { line1: 'Losweg 3', city: 'Berlin', postal_code: '10117', country_code: 'DEU' },
  tax_number: '27/555/00001',
}
export const VEREIN = {
  id: 9999,
  name: 'Heimatverein',
  address: { line1: 'Am Markt 1', line2: 'Hof', city: 'Potsdam', postal_code: '14467', country_code: 'DEU' },
  vat_id: 'DE123123123',
}

export type Line = readonly [amount: string, rate: string, more?: Members]

/** A pass-through item of a principal. */
export function ticket(amount: string, agency: number, more: Members = {}): Line {
  const taxes = [{ name: 'durchlaufend', rate: '0', tax_amount: '0.00', code: 'not_taxable' }]
  return [amount, '0', { title: 'Lottoschein', sku_identifier: 'LOTTO', taxes, agency_id: agency, ...more }]
}

export type Agent = { register: Register; office: Client; merchant: string; locationId: string }

/** A register in a session of a merchant with these agencies. */
export async function agentOf(bench: Bench, agencies: readonly Members[] = [LOTTO, VEREIN]): Promise<Agent> {
  const { merchantId: merchant, locationId } = await bench.shop()
  await bench.office.patch(`/v1/merchants/${merchant}`, { agencies })
  const register = await bench.register(locationId)
  await opens(register)
  return { register, office: bench.office, merchant, locationId }
}

export function opens({ id, till }: Register): Promise<unknown> {
  return till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
}
