import { randomUUID } from 'node:crypto'
import { SHOP as AUSTRIA } from '../../agent/laws/austria/demo/shift.ts'
import { SHOP as GERMANY } from '../../agent/laws/germany/demo/shift.ts'
import { SHOP as ITALY } from '../../agent/laws/italy/demo/shift.ts'
import { localDate, SHOP_ZONE, systemClock } from '../../base/clock.ts'
import type { Till } from './load.ts'
import type { Law } from './requests.ts'
import { openingOf } from './requests.ts'
import { technicianOf } from './technician.ts'

const SHOPS = { tse: GERMANY, rksv: AUSTRIA, rt: ITALY }
const ZONES = { tse: 'Europe/Berlin', rksv: 'Europe/Vienna', rt: 'Europe/Rome' }

/** Makes a shop with `count` fiscalized registers in session, over the API and the admin socket, as its owner would. */
export async function openShop(url: string, folder: string, count: number, law: Law = 'tse'): Promise<Till[]> {
  const { key } = await (await technicianOf(folder)).createKey('platform', undefined)
  const headers = { authorization: `Bearer ${key}` }
  const { merchant, location: place } = SHOPS[law]
  await post(url, headers, '/v1/merchants', merchant)
  const location = await post(url, headers, '/v1/locations', { ...place, timezone: ZONES[law] })
  const tills: Till[] = []
  for (let number = 1; number <= count; number++) {
    const name = `Kasse ${number}`
    const { id } = await post(url, headers, '/v1/registers', { location_id: location['id'], name })
    const fiscalized = await post(url, headers, `/v1/registers/${id}/fiscalize`, {})
    const till = { register: String(id), headers: { 'x-register-api-key': String(fiscalized['register_api_key']) } }
    await post(url, till.headers, '/v1/operations', openingOf(till.register))
    tills.push(till)
  }
  return tills
}

/** Counts what the drawer should hold and closes the session: one more Kassenabschluss. */
export async function closeShop(url: string, { register, headers }: Till): Promise<void> {
  const event = { register_id: register, currency: 'EUR' }
  const counted = { ...event, type: 'session_cash_count', counted_closing_amount: '0.00' }
  await post(url, headers, '/v1/operations', counted)
  const closed = { ...event, type: 'session_close', business_date: localDate(systemClock.now(), SHOP_ZONE) }
  await post(url, headers, '/v1/operations', closed)
}

/** A request with its own key. Throws for a refusal. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const all = { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() }
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}
