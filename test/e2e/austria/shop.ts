import { createSecretKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Facts } from '../../../agent/laws/austria/shapes.ts'
import { isOurs } from '../../../agent/laws/austria/shapes.ts'
import type { Dep7Report } from '../../../verify/rksv/verify-dep7.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

const ADDRESS = { line1: 'Stephansplatz 1', city: 'Wien', postal_code: '1010', country_code: 'AUT' }
export const MERCHANT = {
  legal_name: 'Bäckerei Edelweiß GmbH',
  country_code: 'AUT',
  address: ADDRESS,
  fiscal_identities: [{ country_code: 'AUT', vat_id: 'ATU12345678' }],
}
export const LOCATION = { name: 'Filiale Innere Stadt', address: ADDRESS, timezone: 'Europe/Vienna' }

/** One simulated card is all that the shop has. */
export const ONE_CARD = { devices: [{ id: 'card-1', driver: 'card-simulator' }] }
/** The second card is the fallback of the first. */
export const TWO_CARDS = {
  devices: [
    { id: 'card-1', driver: 'card-simulator' },
    { id: 'card-2', driver: 'card-simulator' },
  ],
  rksv: { fallbacks: { 'card-1': ['card-2'] } },
}

export type Receipt = Facts

/** Merchant and location in Austria. */
export async function austrianShop(bench: Bench): Promise<string> {
  await bench.office.post('/v1/merchants', MERCHANT)
  return String((await bench.office.post('/v1/locations', LOCATION))['id'])
}

/** A register with its Startbeleg and an open session. */
export async function austrianTill(bench: Bench, locationId?: string, more: Members = {}): Promise<Register> {
  const { office } = bench
  const location = locationId ?? (await austrianShop(bench))
  const created = await office.post('/v1/registers', {
    location_id: location,
    name: 'Kassa',
    fiscal_device: 'card-1',
  })
  const id = String(created['id'])
  const done = await office.post(`/v1/registers/${id}/fiscalize`, more, 202)
  expect(done['fiscalization_status']).toBe('fiscalized')
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { id, clientId, key, till }
}

/** A sale of one line at that rate, paid in cash. */
export async function sell(
  { id, till }: Register,
  amount: string,
  rate = '0.20',
  more: Members = {},
): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, rate]], more))
  return till.complete(open, [pay('cash', amount)])
}

/** The members of an Austrian receipt; fails if none was made. */
export function receiptOf(done: Pick<Operation, 'fiscal_information' | 'fiscal'>): Receipt {
  const facts = done.fiscal_information
  if (!isOurs(facts)) throw new Error(`no receipt: ${JSON.stringify(done.fiscal)}`)
  return facts
}

/** Kinds of the register's special receipts, in their order. */
export async function closingTypes({ id, till }: Register): Promise<readonly unknown[]> {
  return (await till.list(`/v1/registers/${id}/closings`)).map((closing) => closing['type'])
}

/** The register's Datenerfassungsprotokoll, exported and verified with its key and the agent's files for a checker. */
export async function verifiedDep(bench: Bench, registerId: string): Promise<Dep7Report> {
  const dep = await bench.exported('dep7', { register_id: registerId })
  const file = join(bench.config.state, 'material.json')
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z', registerId }
  await bench.agent.administration.exportTo('rksv_crypto', range, file)
  const material = JSON.parse(await readFile(file, 'utf8')) as { base64AESKey: string }
  return verifyDep7(once(dep), { aesKey: createSecretKey(material.base64AESKey, 'base64') })
}

/** The register's DEP131, row by row, by the names of its columns. */
export async function dep131Rows(bench: Bench, registerId: string): Promise<Record<string, string>[]> {
  const text = Buffer.from(await bench.exported('dep131', { register_id: registerId })).toString('utf8')
  const [head = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((row) => row.split(';'))
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
