import { expect } from 'vitest'
import { BUILT_IN_LAWS } from '../../built-in-laws.ts'
import type { BenchOptions, Register } from '../../e2e/bench.ts'
import { Bench } from '../../e2e/bench.ts'
import type { Operation } from '../../e2e/client.ts'
import { event, goods, pay } from '../../e2e/goods.ts'
import { RATE } from './facts.ts'
import { RURITANIAN_LAW } from './law.ts'

const ADDRESS = { line1: 'Castle Square 1', city: 'Strelsau', postal_code: '1000', country_code: 'RUR' }
const MERCHANT = { legal_name: 'Rassendyll & Sons', country_code: 'RUR', address: ADDRESS }
const LOCATION = { name: 'Castle', address: ADDRESS, timezone: 'Europe/Prague' }

/** An agent without devices, with the law of Ruritania in addition to those that are built in. */
export function ruritanianBench(options: BenchOptions = {}): Promise<Bench> {
  return Bench.open({ config: { devices: [] }, laws: [...BUILT_IN_LAWS, RURITANIAN_LAW], ...options })
}

/** A register that may sell, in a session. */
export async function ruritanianTill(bench: Bench): Promise<Register> {
  const { office } = bench
  await office.post('/v1/merchants', MERCHANT)
  const { id: locationId } = await office.post('/v1/locations', LOCATION)
  const { id } = await office.post('/v1/registers', { location_id: locationId, name: 'Till 1' })
  const done = await office.post(`/v1/registers/${String(id)}/fiscalize`, {}, 202)
  const { fiscalization_status: status, fiscalization, register_api_key: key } = done
  expect(status).toBe('fiscalized')
  const { client_id: clientId } = fiscalization as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': String(key) })
  await till.create(event('session_open', String(id), { opening_balance_amount: '50.00' }))
  return { id: String(id), clientId, key: String(key), till }
}

/** A sale of one line, paid in cash. */
export async function sell({ id, till }: Register, amount: string): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, RATE]]))
  return till.complete(open, [pay('cash', amount)])
}
