import { expect, test } from 'vitest'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT, germanMerchant } from './bench.ts'
import type { Members } from './client.ts'
import { goods } from './goods.ts'

const SWISS = { line1: 'Rheingasse 1', city: 'Basel', postal_code: '4058', country_code: 'CHE' }

test('a merchant of a country without a law is made, with a hint that ends with its first fiscal identity', async () => {
  await using bench = await Bench.open()
  const swiss = { legal_name: 'Confiserie Rhein AG', country_code: 'CHE', address: SWISS }
  const call = { path: '/v1/merchants', body: swiss, key: 'swiss-1' }
  const made = await bench.office.call(call)
  expect(made.status).toBe(201)
  const [hint] = made.json['hints'] as Members[]
  expect(hint).toEqual({
    code: 'country_without_law',
    message:
      'No law of CHE is built in: registers there cannot be fiscalized. Add a fiscal identity of DEU, AUT or ITA to sell there.',
  })
  expect((await bench.office.call(call)).text).toBe(made.text)
  const path = `/v1/merchants/${String(made.json['id'])}`
  expect(await bench.office.patch(path, { legal_name: 'Confiserie' })).toMatchObject({ hints: [hint] })
  const { fiscal_identities } = GERMAN_MERCHANT
  expect(await bench.office.patch(path, { fiscal_identities })).toMatchObject({ hints: [] })
  expect(await bench.office.patch(path, { fiscal_identities: [] })).toMatchObject({ hints: [hint] })
  expect(await bench.office.patch(path, { country_code: 'DEU' })).toMatchObject({ hints: [] })
  const german = { ...germanMerchant(1), country_code: 'CHE' }
  for (const body of [GERMAN_MERCHANT, german, { ...swiss, country_code: 'ITA' }])
    expect(await bench.office.post('/v1/merchants', body)).not.toHaveProperty('hints')
})

test('of several merchants the organization selects one, unless the merchant is named', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const named = (organization: string, more: Members = {}) => ({ 'OpenFiskal-Organization': organization, ...more })
  const first = String((await office.post('/v1/merchants', GERMAN_MERCHANT))['id'])
  const make = (headers: Record<string, string>) =>
    office.call({ path: '/v1/locations', body: GERMAN_LOCATION, headers })
  // With one merchant it is only journalled.
  expect((await make(named('org_01HXYZ'))).json).toMatchObject({ merchant_id: first })
  const call = { path: '/v1/merchants', body: germanMerchant(1), headers: named('org_01') }
  const { status, json } = await office.call(call)
  expect(status).toBe(201)
  const second = String(json['id'])
  for (const merchant of [first, second]) expect((await make(named(merchant))).json['merchant_id']).toBe(merchant)
  expect((await make(named(first, { 'X-OpenFiskal-Merchant': second }))).json['merchant_id']).toBe(second)
  expect((await make(named('org_01HXYZ', { 'X-OpenFiskal-Merchant': second }))).status).toBe(201)
  const unknown = await make(named('org_01HXYZ'))
  expect([unknown.status, unknown.json]).toMatchObject([404, { code: 'not_found', details: { resource: 'merchant' } }])
  const nobody = await make({})
  expect([nobody.status, nobody.json]).toMatchObject([400, { details: { reason: 'header' } }])
  const listed = await office.call({ path: '/v1/locations', headers: named(second) })
  expect((listed.json['data'] as Members[]).map(({ merchant_id }) => merchant_id)).toEqual([second, second, second])
  expect((await office.call({ path: '/v1/merchants', headers: named('org_01HXYZ') })).status).toBe(200)
})

test('a request with an organization is answered as before when other merchants have come', async () => {
  await using bench = await Bench.open()
  await bench.office.post('/v1/merchants', GERMAN_MERCHANT)
  const headers = { 'OpenFiskal-Organization': 'org_01HXYZ' }
  const call = { path: '/v1/locations', body: GERMAN_LOCATION, headers, key: 'location-1' }
  const first = await bench.office.call(call)
  await bench.office.post('/v1/merchants', germanMerchant(1))
  const again = await bench.office.call(call)
  expect([again.status, again.text]).toEqual([201, first.text])
  expect((await bench.office.refused({ ...call, key: 'location-2' })).status).toBe(404)
})

test('the key of a register sells for its merchant, whatever the organization', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  await bench.office.post('/v1/merchants', germanMerchant(1))
  const headers = { 'OpenFiskal-Organization': 'org_01HXYZ' }
  const sale = { path: '/v1/operations', body: goods('sale', id, [['1.00', '0.07']]), headers }
  expect((await till.call(sale)).status).toBe(201)
})

test('the organization of a request is journalled as sent', async () => {
  await using bench = await Bench.open()
  const headers = { 'OpenFiskal-Organization': 'org_01HXYZ' }
  await bench.office.call({ path: '/v1/merchants', body: GERMAN_MERCHANT, headers })
  const made = bench.journal().find(({ kind }) => kind === 'merchant.created')
  expect(JSON.parse(made?.body ?? '')).toMatchObject({ origin: { organization: 'org_01HXYZ' } })
})
