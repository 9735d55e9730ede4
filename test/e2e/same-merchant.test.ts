// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp, restore } from '../backup/parts.ts'
import { insiderAt } from '../edited-states.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { today } from '../today.ts'
import { MERCHANT as AUSTRIAN } from './austria/shop.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT, germanMerchant } from './bench.ts'
import type { Client, Members } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { MERCHANT as ITALIAN } from './italy/shop.ts'
import { recordedBefore } from './older-record.ts'

const PATH = '/v1/merchants'

type Identity = Members & { readonly country_code: string }
function withIdentity(body: typeof GERMAN_MERCHANT | Members, ...identities: readonly Identity[]): Members {
  return { ...body, fiscal_identities: identities }
}
function german(taxNumber: string | null, vatId: string | null = 'DE987654321'): Identity {
  return { country_code: 'DEU', tax_number: taxNumber, vat_id: vatId }
}

async function make(office: Client, body: Members): Promise<string> {
  return String((await office.post(PATH, body))['id'])
}

async function refusedAs(
  office: Client,
  body: Members,
  merchant: string,
  path = PATH,
  pointer = '/fiscal_identities/0',
) {
  const method = path === PATH ? 'POST' : 'PATCH'
  const { status, code, details, fiscal_effect: effect } = await office.refused({ method, path, body })
  expect([body, status, code, effect]).toEqual([body, 409, 'merchant_exists', 'none'])
  expect(details).toEqual({ merchant_id: merchant, pointer })
}

test('a second active merchant with the tax number of another one is refused with the id of that one', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const first = await make(office, GERMAN_MERCHANT)
  for (const number of ['27/123/45678', '2712345678', '27 123 45678', '27-123.45678', '２７/123/45678'])
    await refusedAs(office, withIdentity(GERMAN_MERCHANT, german(number)), first)
  await refusedAs(office, { ...withIdentity(GERMAN_MERCHANT, german('27/123/45678')), country_code: 'CHE' }, first)
  // The companies of one group share the VAT number.
  await make(office, withIdentity(GERMAN_MERCHANT, german('27/123/45679', 'DE123456789')))
  await make(office, withIdentity(GERMAN_MERCHANT))
  await make(office, withIdentity(GERMAN_MERCHANT))
  expect(await office.list(PATH)).toHaveLength(4)
})

test('a German merchant without a tax number is known by its VAT number, among those without one', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const byVat = await make(office, withIdentity(GERMAN_MERCHANT, german(null, 'DE123456789')))
  await refusedAs(office, withIdentity(GERMAN_MERCHANT, german(null, 'DE123456789')), byVat)
  // A company of its group has a tax number, so its VAT number is not what tells it apart.
  const other = await make(office, withIdentity(GERMAN_MERCHANT, german('27/123/45678', 'DE123456789')))
  await make(office, withIdentity(GERMAN_MERCHANT, german('27/123/45679', null)))
  await refusedAs(office, withIdentity(GERMAN_MERCHANT, german('27/123/45678', null)), other)
  const dropped = { fiscal_identities: [german(null, 'DE123456789')] }
  await refusedAs(office, dropped, byVat, `${PATH}/${other}`)
})

test('an Austrian merchant is known by its tax number, and by its UID if it has no other number', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const austrian = (members: Members): Members => withIdentity(AUSTRIAN, { country_code: 'AUT', ...members })
  const byUid = await make(office, austrian({ vat_id: 'ATU12345678' }))
  await refusedAs(office, austrian({ vat_id: 'ATU12345678' }), byUid)
  const byNumber = await make(office, austrian({ vat_id: 'ATU12345678', tax_number: '12-345/6789' }))
  await refusedAs(office, austrian({ tax_number: '12 345 6789' }), byNumber)
  await refusedAs(office, austrian({ vat_id: 'ATU87654321', tax_number: '123456789' }), byNumber)
  await make(office, austrian({ vat_id: 'ATU12345678', tax_number: '12-345/6780' }))
})

test('an Italian merchant is known by its Codice Fiscale in either case, not by its Partita IVA', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const [identity] = ITALIAN.fiscal_identities
  const italian = (code: string): Members =>
    withIdentity(ITALIAN, { country_code: 'ITA', ...identity, tax_number: code })
  const first = await make(office, italian('RSSMRA80A01H501U'))
  await refusedAs(office, italian('rssmra80a01h501u'), first)
  await make(office, italian('BNCMRA80A01H501U'))
  // Of two identities the second one is that of another merchant.
  const both = withIdentity(GERMAN_MERCHANT, german('1/1'), {
    country_code: 'ITA',
    ...identity,
    tax_number: 'RSSMRA80A01H501U',
  })
  await refusedAs(office, both, first, PATH, '/fiscal_identities/1')
  // The same digits in another country are another taxpayer.
  await make(office, withIdentity(ITALIAN, { country_code: 'ITA', ...identity, tax_number: '12345678903' }))
  await make(office, withIdentity(GERMAN_MERCHANT, german('12345678903')))
})

test('of many requests that make the same merchant at once, one does', async () => {
  await using bench = await Bench.open()
  const calls = Array.from({ length: 12 }, () => bench.office.call({ path: PATH, body: GERMAN_MERCHANT }))
  const answers = await Promise.all(calls)
  const made = answers.filter(({ status }) => status === 201).map(({ json }) => json['id'])
  expect(made).toHaveLength(1)
  const refused = answers.filter(({ status }) => status === 409)
  expect(refused.map(({ json }) => (json['details'] as Members)['merchant_id'])).toEqual(Array(11).fill(made[0]))
  // With a key the same request is a repetition.
  const keyed = { path: PATH, body: germanMerchant(1), key: 'shop' }
  const replies = await Promise.all(Array.from({ length: 6 }, () => bench.office.call(keyed)))
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(await bench.office.list(PATH)).toHaveLength(2)
})

test('a change into the identity of another merchant is refused, and of the own one is not', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const [first, second] = [await make(office, GERMAN_MERCHANT), await make(office, germanMerchant(1))]
  const { fiscal_identities: identities } = GERMAN_MERCHANT
  await refusedAs(office, { fiscal_identities: identities }, first, `${PATH}/${second}`)
  await office.patch(`${PATH}/${first}`, { legal_name: 'Neu', fiscal_identities: identities })
  await office.patch(`${PATH}/${first}`, { fiscal_identities: germanMerchant(2).fiscal_identities })
  await office.patch(`${PATH}/${second}`, { fiscal_identities: identities })
  await refusedAs(office, GERMAN_MERCHANT, second)
  await make(office, germanMerchant(1))
})

test('an identity that waits for the close of a session is taken by no other merchant', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const { id, till } = await bench.till()
  const [first = ''] = (await office.list(PATH)).map(({ id }) => String(id))
  const second = await make(office, germanMerchant(1))
  const coming = { fiscal_identities: germanMerchant(2).fiscal_identities }
  await refusedAs(
    office.forMerchant(first),
    { fiscal_identities: germanMerchant(1).fiscal_identities },
    second,
    `${PATH}/${first}`,
  )
  const changed = await office.forMerchant(first).patch(`${PATH}/${first}`, { ...coming, reason: 'correction' })
  expect(changed).toMatchObject({ ...GERMAN_MERCHANT, pending_changes: coming })
  await refusedAs(office, germanMerchant(2), first)
  await refusedAs(office, GERMAN_MERCHANT, first)
  await refusedAs(office, coming, first, `${PATH}/${second}`)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  expect(await office.get(`${PATH}/${first}`)).toMatchObject(coming)
  await refusedAs(office, germanMerchant(2), first)
  await make(office, GERMAN_MERCHANT)
})

test('two merchants with one identity in an older journal stay as they are, and both sell', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const shops = [await bench.shop(), await bench.shop()]
  const [first = '', second = ''] = shops.map(({ merchantId }) => merchantId)
  const identities = { fiscal_identities: GERMAN_MERCHANT.fiscal_identities }
  await recordedBefore(bench, second, identities)
  await refusedAs(office, GERMAN_MERCHANT, first)
  for (const { merchantId, locationId } of shops) {
    const own = office.forMerchant(merchantId)
    const { id, till } = await bench.register(locationId, own)
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
    const sale = await till.create(goods('sale', id, [['1.00', '0.07']]))
    expect(await till.complete(sale, [pay('cash', '1.00')])).toMatchObject({ status: 'completed' })
    await till.create(event('session_cash_count', id, { counted_closing_amount: '1.00' }))
    await till.create(event('session_close', id, { business_date: today() }))
    await own.patch(`${PATH}/${merchantId}`, { ...GERMAN_MERCHANT, legal_name: 'Neu' })
  }
})

/** A shop that has sold, and whose register is decommissioned. */
async function endedShop(bench: Bench) {
  const { merchantId, locationId } = await bench.shop()
  const office = bench.office.forMerchant(merchantId)
  const { id, till } = await bench.register(locationId, office)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const sale = await till.create(goods('sale', id, [['1.00', '0.07']]))
  await till.complete(sale, [pay('cash', '1.00')])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '1.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  const path = `${PATH}/${merchantId}`
  const inUse = await office.refused({ method: 'PATCH', path, body: { status: 'inactive' } })
  expect([inUse.status, inUse.code]).toEqual([409, 'merchant_in_use'])
  expect(inUse.details).toEqual({ register_ids: [id], pointer: '/status' })
  await office.post(`/v1/registers/${id}/decommission`, {}, 200)
  return { merchantId, locationId, registerId: id, office, path, saleId: sale.id }
}

test('an inactive merchant stays readable and makes nothing new, until it is active again', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId, registerId, office, path, saleId } = await endedShop(bench)
  const { id: fresh } = await office.post('/v1/registers', { location_id: locationId, name: 'Neu' })
  expect(await office.patch(path, { status: 'inactive' })).toMatchObject({ status: 'inactive' })
  expect(await office.patch(path, { status: 'inactive', legal_name: 'Alt GmbH' })).toMatchObject({
    legal_name: 'Alt GmbH',
  })
  const online = { ...goods('sale', null, [['1.00', '0.07']]), source: 'ONLINE' }
  const news = [
    { path: '/v1/locations', body: GERMAN_LOCATION },
    { path: '/v1/registers', body: { location_id: locationId, name: 'Kasse' } },
    { path: `/v1/registers/${String(fresh)}/fiscalize`, body: {} },
    { path: '/v1/operations', body: online, key: 'online-1' },
  ]
  for (const call of news) {
    const { status, code, details } = await office.refused(call)
    expect([call.path, status, code]).toEqual([call.path, 422, 'unprocessable_entity'])
    expect(details).toMatchObject({ reason: 'merchant_inactive', merchant_id: merchantId, pointer: '' })
  }
  const reads = [path, '/v1/locations', '/v1/registers', `/v1/operations/${saleId}`, '/v1/sessions']
  for (const read of [...reads, `/v1/operations/${saleId}/receipt`, `/v1/registers/${registerId}/closings`])
    await office.get(read)
  expect(await office.list('/v1/operations')).not.toEqual([])
  await office.patch(`/v1/locations/${locationId}`, { name: 'Ehemals Mitte' })
  expect((await bench.exported('dsfinvk', {}, office)).length).toBeGreaterThan(0)
  await office.patch(path, { status: 'active' })
  for (const call of news) expect((await office.call(call)).status).toBeLessThan(300)
})

test('an inactive merchant frees its identity, and is active again only while no other one has it', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const first = await make(office, GERMAN_MERCHANT)
  await office.patch(`${PATH}/${first}`, { status: 'inactive' })
  const second = await make(office, GERMAN_MERCHANT)
  await refusedAs(office, { status: 'active' }, second, `${PATH}/${first}`, '/status')
  const { fiscal_identities: identities } = GERMAN_MERCHANT
  await refusedAs(office, { status: 'active', fiscal_identities: identities }, second, `${PATH}/${first}`)
  await office.patch(`${PATH}/${second}`, { status: 'active' })
  const other = { status: 'active', fiscal_identities: germanMerchant(1).fiscal_identities }
  expect(await office.patch(`${PATH}/${first}`, other)).toMatchObject(other)
  await office.patch(`${PATH}/${second}`, { status: 'inactive' })
  await office.patch(`${PATH}/${first}`, { fiscal_identities: identities })
  await refusedAs(office, { status: 'active' }, first, `${PATH}/${second}`, '/status')
  for (const status of ['closed', null, true, '']) {
    const answer = await office.refused({ method: 'PATCH', path: `${PATH}/${first}`, body: { status } })
    expect([answer.status, answer.details['errors']]).toMatchObject([400, [{ pointer: '/status' }]])
  }
  const made = await office.refused({ path: PATH, body: { ...germanMerchant(3), status: 'inactive' } })
  expect([made.status, made.details['errors']]).toMatchObject([400, [{ pointer: '/status' }]])
})

test('an inactive merchant does not count as one of several, also after restart and rebuild', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const call = { path: '/v1/locations', body: GERMAN_LOCATION, key: 'location-1' }
  const first = await make(office, GERMAN_MERCHANT)
  const made = await office.call(call)
  expect(made.json['merchant_id']).toBe(first)
  const second = await make(office, germanMerchant(1))
  expect((await office.refused({ ...call, key: 'location-2' })).details['reason']).toBe('header')
  await office.patch(`${PATH}/${first}`, { status: 'inactive' })
  const check = async (): Promise<void> => {
    // The key of the first merchant's request keeps its answer.
    expect((await office.call(call)).text).toBe(made.text)
    const ofSecond = await office.call({ ...call, key: 'location-3' })
    expect([ofSecond.status, ofSecond.json['merchant_id']]).toEqual([201, second])
    expect(await office.get(`${PATH}/${first}`)).toMatchObject({ status: 'inactive' })
    expect(await office.forMerchant(first).list('/v1/locations')).toHaveLength(1)
  }
  await check()
  // Each of the keys names what its request made, for the merchant that owns it.
  const named = { path: '/v1/registers', body: { location_id: 'key:location-3', name: 'Kasse' } }
  expect((await office.call(named)).json['merchant_id']).toBe(second)
  expect((await office.forMerchant(second).call(named)).json['merchant_id']).toBe(second)
  const ofFirst = { ...named, body: { location_id: 'key:location-1', name: 'Kasse' } }
  for (const client of [office, office.forMerchant(second)]) expect((await client.refused(ofFirst)).status).toBe(404)
  await office.forMerchant('key:none').refused({ path: '/v1/locations' })
  await bench.restart()
  await check()
  await bench.restart(async () => insiderAt(bench.config.state).forgetTables())
  await check()
  await office.patch(`${PATH}/${second}`, { status: 'inactive' })
  expect((await office.refused({ ...call, key: 'location-4' })).status).toBe(400)
  // Both are active again, and each key still has its answer.
  for (const id of [first, second]) await office.patch(`${PATH}/${id}`, { status: 'active' })
  for (const key of ['location-1', 'location-3'])
    expect((await office.call({ ...call, key })).headers.get('idempotent-replayed')).toBe('true')
  expect((await office.refused({ ...call, key: 'location-4' })).status).toBe(400)
})

test('a restored shop has its inactive merchant as it was', async () => {
  await using bench = await Bench.open()
  const [first, second] = [await make(bench.office, GERMAN_MERCHANT), await make(bench.office, germanMerchant(1))]
  await bench.office.patch(`${PATH}/${first}`, { status: 'inactive' })
  await bench.stop()
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  const state = join(folder, 'state')
  await restore(state, file)
  await using shop = await Bench.open({ config: { state } })
  expect(await shop.office.get(`${PATH}/${first}`)).toMatchObject({ status: 'inactive' })
  expect(await shop.office.post('/v1/locations', GERMAN_LOCATION)).toMatchObject({ merchant_id: second })
})

test('a merchant does not become inactive while its register is being fiscalized', async () => {
  await using bench = await Bench.open({ config: { deadlineMs: 400, deviceGraceMs: 0 } })
  const { merchantId, locationId } = await bench.shop()
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse' })
  await bench.fault('slow=2000@register')
  const fiscalized = bench.office.call({ path: `/v1/registers/${String(id)}/fiscalize`, body: {} })
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'register.fiscalize_requested'))
  const body = { status: 'inactive' }
  const { code, details } = await bench.office.refused({ method: 'PATCH', path: `${PATH}/${merchantId}`, body })
  expect([code, details['register_ids']]).toEqual(['merchant_in_use', [id]])
  await fiscalized
})
