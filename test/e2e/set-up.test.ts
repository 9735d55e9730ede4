// @module-tag heavy
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Members } from './client.ts'
import { completion, voiding } from './client.ts'
import { event, goods, pay } from './goods.ts'

const SWISS = { line1: 'Rheingasse 1', city: 'Basel', postal_code: '4058', country_code: 'CHE' }

function count(id: string) {
  return event('session_cash_count', id, { counted_closing_amount: '50.00' })
}

function close(id: string) {
  return event('session_close', id, { business_date: today() })
}

function open(id: string) {
  return event('session_open', id, { opening_balance_amount: '50.00' })
}

test('a register is fiscalized once; its key is shown once and the replay comes without it', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const newRegister = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse 1' })
  expect(newRegister).toMatchObject({ fiscalization_status: 'not_fiscalized', fiscalization: null, status: 'active' })
  const path = `/v1/registers/${String(newRegister['id'])}/fiscalize`
  const call = { method: 'POST', path, body: { pos_client_serial_number: 'KASSE-0001' }, key: 'fiscalize-1' } as const
  const first = await bench.office.call(call)
  expect(first.status).toBe(202)
  expect(first.json).toMatchObject({
    fiscalization_status: 'fiscalized',
    fiscalization: {
      regime: 'KassenSichV',
      client_id: 'KASSE-0001',
      tse_serial: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    register_api_key: expect.stringMatching(/^ofk_reg_/),
  })
  const again = await bench.office.call(call)
  const { register_api_key, ...shown } = first.json
  expect(again.json).toEqual(shown)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  const refusal = await bench.office.refused({ ...call, key: 'fiscalize-2' })
  expect([refusal.status, refusal.code]).toEqual([409, 'fiscalization_conflict'])
  expect(refusal.message).toContain(`fiskal-edge key create register ${String(newRegister['id'])}`)
  const journal = JSON.stringify(bench.journal())
  for (const key of [String(register_api_key), bench.platformKey]) expect(journal).not.toContain(key)
  expect(JSON.stringify(bench.lines)).not.toContain(String(register_api_key))
})

test('fiscalize needs no body, and makes a serial number that a TSE takes', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse 1' })
  const { status, json } = await bench.office.call({ method: 'POST', path: `/v1/registers/${String(id)}/fiscalize` })
  expect(status).toBe(202)
  expect(json['fiscalization']).toMatchObject({ client_id: expect.stringMatching(/^[A-Za-z0-9-]{1,30}$/) })
})

test('fiscalize is refused without a fiscal identity, without a law, without a device, with a serial number in use', async () => {
  await using bench = await Bench.open({
    config: { devices: ['a', 'b'].map((id) => ({ id, driver: 'tse-simulator' })) },
  })
  const { office } = bench
  const merchant = await office.post('/v1/merchants', { ...GERMAN_MERCHANT, fiscal_identities: [] })
  const german = await office.post('/v1/locations', GERMAN_LOCATION)
  const swiss = await office.post('/v1/locations', { name: 'Basel', address: SWISS, timezone: 'Europe/Zurich' })
  const register = async (location: Members, more: Members = {}) =>
    `/v1/registers/${String((await office.post('/v1/registers', { location_id: location['id'], name: 'K', ...more }))['id'])}/fiscalize`
  const reason = async (path: string, body: Members = {}) => {
    const refusal = await office.refused({ path, body })
    expect([refusal.status, refusal.code]).toEqual([409, 'fiscalization_conflict'])
    return refusal.details['reason']
  }
  const first = await register(german, { fiscal_device: 'a' })
  expect(await reason(first)).toBe('fiscal_identity')
  expect(await reason(await register(swiss))).toBe('country')
  await office.patch(`/v1/merchants/${String(merchant['id'])}`, {
    fiscal_identities: GERMAN_MERCHANT.fiscal_identities,
  })
  expect(await reason(await register(german))).toBe('device')
  await office.post(first, { pos_client_serial_number: 'K-1' }, 202)
  expect(await reason(await register(german, { fiscal_device: 'b' }), { pos_client_serial_number: 'K-1' })).toBe(
    'pos_client_serial_number',
  )
  const missing = await office.refused({
    path: '/v1/registers',
    body: { location_id: german['id'], name: 'K', fiscal_device: 'c' },
  })
  expect([missing.status, missing.details['resource']]).toEqual([404, 'device'])
})

test('a register key sees and touches its own register only', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [mine, other] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [mine, other]) await till.create(open(id))
  const foreign = await other.till.create(goods('sale', other.id, [['1.00', '0.07']]))
  const done = await other.till.complete(foreign, [pay('cash', '1.00')])
  const opening = await other.till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T08:00:00+01:00' })
  const session = String(done.session_id)
  const notFound = [
    { path: '/v1/operations', body: goods('sale', other.id, [['1.00', '0.07']]) },
    { path: '/v1/operations', body: count(other.id) },
    completion(foreign, [pay('cash', '1.00')]),
    voiding(foreign),
    { path: `/v1/operations/${foreign.id}` },
    { path: `/v1/operations/${foreign.id}/receipt` },
    { path: `/v1/registers/${other.id}` },
    { path: `/v1/registers/${other.id}/session` },
    { path: `/v1/sessions/${session}` },
    { path: `/v1/operations?register_id=${other.id}` },
    { path: `/v1/sessions?register_id=${other.id}` },
    { path: `/v1/cash-drawer-openings?register_id=${other.id}` },
    { path: `/v1/cash-drawer-openings/${String(opening['id'])}` },
    { path: `/v1/registers/${other.id}/cash-drawer-openings`, body: { occurred_at: '2026-03-02T08:00:00Z' } },
  ]
  for (const call of notFound) {
    const refusal = await mine.till.refused(call)
    expect([refusal.status, refusal.code], JSON.stringify(call)).toEqual([404, 'not_found'])
  }
  const forbidden = [
    { path: '/v1/merchants' },
    { path: '/v1/locations', body: GERMAN_LOCATION },
    { path: `/v1/registers/${mine.id}/fiscalize`, body: {} },
    { path: `/v1/registers/${mine.id}/decommission`, body: {} },
    { path: '/v1/journal' },
    { path: '/v1/exports', body: { type: 'journal', from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
  ]
  for (const call of forbidden) {
    const refusal = await mine.till.refused(call)
    expect([refusal.status, refusal.code], JSON.stringify(call)).toEqual([403, 'forbidden'])
  }
  const online = await bench.office.create(goods('sale', null, [['1.00', '0.07']]))
  expect((await mine.till.refused({ path: `/v1/operations/${online.id}` })).code).toBe('not_found')
  // A resource of another register and a missing one look the same to it, word for word.
  const [foreignOne, missing] = await Promise.all(
    [foreign.id, 'op_00000000000000000000000000'].map((id) => mine.till.refused({ path: `/v1/operations/${id}` })),
  )
  expect(foreignOne?.['message']).toBe(String(missing?.['message']).replace(/op_\w+/, foreign.id))
  const own = await mine.till.list('/v1/operations')
  expect(own.map((operation) => operation['register_id'])).toEqual([mine.id])
  expect((await mine.till.list('/v1/registers')).map((register) => register['id'])).toEqual([mine.id])
  expect(await mine.till.list('/v1/sessions')).toHaveLength(1)
  expect(await mine.till.list('/v1/cash-drawer-openings')).toEqual([])
  expect(await mine.till.list('/v1/devices')).toHaveLength(1)
  expect(await bench.office.list('/v1/operations')).toHaveLength(4)
})

test('the merchant of a request: the only one, else the one that is named; a foreign one is not found', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const first = await bench.shop()
  const register = await bench.register(first.locationId)
  await register.till.create(open(register.id))
  const second = await bench.shop()
  const unnamed = await office.refused({ path: '/v1/operations' })
  expect([unnamed.status, unnamed.details['reason']]).toEqual([400, 'header'])
  const unknown = await office.forMerchant('merchant_x').refused({ path: '/v1/operations' })
  expect([unknown.status, unknown.details['resource']]).toEqual([404, 'merchant'])
  const wrong = office.forMerchant(second.merchantId)
  const sale = await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  for (const path of [
    `/v1/operations/${sale.id}`,
    `/v1/registers/${register.id}`,
    `/v1/locations/${first.locationId}`,
  ]) {
    expect((await wrong.refused({ path })).status, path).toBe(404)
  }
  expect((await wrong.refused(completion(sale, [pay('cash', '1.00')]))).status).toBe(404)
  expect(await wrong.list('/v1/operations')).toEqual([])
  expect(await wrong.list('/v1/sessions')).toEqual([])
  expect(await office.forMerchant(first.merchantId).list('/v1/operations')).toHaveLength(2)
  const misled = await register.till.forMerchant(second.merchantId).refused({ path: '/v1/operations' })
  expect(misled.code).toBe('forbidden')
  expect(await office.list('/v1/merchants')).toHaveLength(2)
})

test('master data changed during a session wait for its close', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const { merchantId, locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await till.create(open(id))
  const changes = [
    [`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH' }],
    [`/v1/locations/${locationId}`, { name: 'Neue Filiale' }],
    [`/v1/registers/${id}`, { name: 'Neue Kasse' }],
  ] as const
  for (const [path, change] of changes) {
    const before = await office.get(path)
    const changed = await office.patch(path, change)
    expect(changed).toEqual({ ...before, pending_changes: change })
    expect(await office.get(path)).toEqual(changed)
  }
  await office.patch(`/v1/registers/${id}`, { external_id: 'k-9' })
  await till.create(count(id))
  await till.create(close(id))
  for (const [path, change] of changes) {
    const after = await office.get(path)
    expect(after).toMatchObject(change)
    expect(after).not.toHaveProperty('pending_changes')
  }
  expect(await office.get(`/v1/registers/${id}`)).toMatchObject({ name: 'Neue Kasse', external_id: 'k-9' })
  expect(await office.patch(`/v1/registers/${id}`, { name: 'Sofort' })).toMatchObject({ name: 'Sofort' })
})

test('a change of the merchant waits until no register of the shop is in a session', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two]) await till.create(open(id))
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH' })
  for (const [register, name] of [
    [one, GERMAN_MERCHANT.legal_name],
    [two, 'Neu GmbH'],
  ] as const) {
    await register.till.create(count(register.id))
    await register.till.create(close(register.id))
    expect(await bench.office.get(`/v1/merchants/${merchantId}`)).toMatchObject({ legal_name: name })
  }
})

test('a register is retired once, after its session; then it does not sell, and others continue', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  const path = `/v1/registers/${one.id}/decommission`
  const fresh = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse 3' })
  const refused = async (at: string) => {
    const refusal = await bench.office.refused({ path: at, body: {} })
    expect([refusal.status, refusal.code]).toEqual([409, 'decommission_conflict'])
  }
  await refused(`/v1/registers/${String(fresh['id'])}/decommission`)
  await one.till.create(open(one.id))
  await refused(path)
  await one.till.create(count(one.id))
  await one.till.create(close(one.id))
  const { status, json } = await bench.office.call({ method: 'POST', path })
  expect(status).toBe(200)
  expect(json).toMatchObject({ status: 'inactive', fiscalization_status: 'decommissioned' })
  expect(json['decommissionedAt']).toEqual(expect.any(String))
  await refused(path)
  const late = await one.till.refused({ path: '/v1/operations', body: open(one.id) })
  expect([late.status, late.code]).toEqual([409, 'register_decommissioned'])
  expect((await bench.office.refused({ path: `/v1/registers/${one.id}/fiscalize`, body: {} })).code).toBe(
    'fiscalization_conflict',
  )
  expect((await two.till.create(open(two.id))).fiscal.state).toBe('succeeded')
})

test('the secrets of an Italian identity are accepted and never returned', async () => {
  await using bench = await Bench.open()
  const identity = {
    country_code: 'ITA',
    legal_entity_type: 'COMPANY',
    tax_number: '12345678903',
    vat_number: '12345678903',
    fisconline_user: 'ABCDEFGH12345678',
  }
  const secrets = { fisconline_password: 'geheim-passwort', fisconline_pin: 'geheim-pin' }
  const body = { ...GERMAN_MERCHANT, country_code: 'ITA', fiscal_identities: [{ ...identity, ...secrets }] }
  const made = await bench.office.post('/v1/merchants', body)
  expect(made['fiscal_identities']).toEqual([identity])
  await bench.office.patch(`/v1/merchants/${String(made['id'])}`, { fiscal_identities: body.fiscal_identities })
  expect(JSON.stringify(bench.journal())).not.toContain('geheim')
  expect(JSON.stringify(bench.lines)).not.toContain('geheim')
})

test('a revoked key is invalid', async () => {
  await using bench = await Bench.open()
  await bench.shop()
  const { id, key } = await bench.agent.administration.createKey('platform')
  const other = bench.client({ Authorization: `Bearer ${key}` })
  expect(await other.list('/v1/merchants')).toHaveLength(1)
  await bench.agent.administration.revokeKey(id)
  const refusal = await other.call({ path: '/v1/merchants' })
  expect([refusal.status, refusal.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Bearer')])
})

test('a key that was mistyped or cut off is distinguished from one that was revoked', async () => {
  await using bench = await Bench.open()
  const { id, key } = await bench.agent.administration.createKey('platform')
  await bench.agent.administration.revokeKey(id)
  const told = async (Authorization: string) => await bench.client({ Authorization }).refused({ path: '/v1/merchants' })
  const other = key.at(30) === 'a' ? 'b' : 'a'
  for (const wrong of [
    key.slice(0, -1),
    `${key.slice(0, 30)}${other}${key.slice(31)}`,
    bench.platformKey.toLowerCase(),
  ])
    expect(await told(`Bearer ${wrong}`)).toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/mistyped/),
    })
  const revoked = 'The key is unknown, revoked or wrong.'
  expect(await told(`Bearer ${key}`)).toMatchObject({ code: 'unauthorized', message: revoked })
  expect(await told('Basic dGlsbA==')).toMatchObject({ code: 'unauthorized', message: revoked })
})

test('a register that is being decommissioned opens no session', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await bench.fault('slow=300@deregister')
  const ending = bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'register.decommission_requested'))
  const refusal = await till.refused({ path: '/v1/operations', body: open(id) })
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  expect(refusal.message).toBe(`Register ${id} is being decommissioned.`)
  expect(await ending).toMatchObject({ fiscalization_status: 'decommissioned' })
  expect(await bench.office.list('/v1/sessions')).toEqual([])
})

test('a register that is being decommissioned signs no opening of its drawer: the TSE would know it again', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await bench.fault('slow=300@deregister')
  const ending = bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'register.decommission_requested'))
  const opening = { path: '/v1/cash-drawer-openings', body: { occurred_at: '2026-03-02T12:00:00Z' } }
  const refusal = await till.refused(opening)
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  expect(await ending).toMatchObject({ fiscalization_status: 'decommissioned' })
})

test('a register that the device refused to remove continues to sell', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await bench.fault('memory-full@deregister')
  await bench.office.call({ path: `/v1/registers/${id}/decommission`, body: {} })
  const present = await bench.office.get(`/v1/registers/${id}`)
  expect(present).toMatchObject({ fiscalization_status: 'fiscalized', decommissionedAt: null, status: 'active' })
  expect((await till.create(open(id))).fiscal.state).toBe('succeeded')
})

test('a change of an unknown merchant is refused before anything of it is stored, for any name in its path', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const sealed = join(bench.config.state, 'sealed')
  const before = await sealedIn(sealed)
  const identity = {
    ...{ country_code: 'ITA', tax_number: '12345670785', vat_number: '12345670785', legal_entity_type: 'COMPANY' },
    ...{ fisconline_user: 'RSSMRA80A01H501U', fisconline_password: 'x', fisconline_pin: '1' },
  }
  for (const name of [`aes-${id}`, '..%2F..%2Fout', '%00', 'x'.repeat(300)]) {
    const path = `/v1/merchants/${name}`
    const refusal = await bench.office.refused({ method: 'PATCH', path, body: { fiscal_identities: [identity] } })
    expect(refusal).toMatchObject({ code: 'not_found', details: { resource: 'merchant' } })
  }
  expect(await sealedIn(sealed)).toEqual(before)
  expect(await readdir(dirname(bench.config.state))).not.toContain('out.sealed')
})

test('members that the law of a fiscalized register requires stay: its fiscal identity and its country', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [merchant] = await bench.office.list('/v1/merchants')
  const austrian = { country_code: 'AUT', vat_id: 'ATU12345678' }
  const away = {
    method: 'PATCH' as const,
    path: `/v1/merchants/${merchant?.['id']}`,
    body: { fiscal_identities: [austrian] },
  }
  const address = { ...GERMAN_LOCATION.address, country_code: 'AUT' }
  const abroad = { method: 'PATCH' as const, path: `/v1/locations/${locationId}`, body: { address } }
  const { id, till } = await bench.register(locationId)
  for (const inSession of [false, true]) {
    if (inSession) await till.create(open(id))
    for (const [call, reason] of [
      [away, 'fiscal_identity'],
      [abroad, 'country'],
    ] as const) {
      const refusal = await bench.office.refused(call)
      expect(refusal).toMatchObject({ status: 409, code: 'fiscalization_conflict' })
      expect(refusal.details).toMatchObject({ register_id: id, country_code: 'DEU', reason })
    }
  }
  const both = [{ country_code: 'DEU', tax_number: null, vat_id: 'DE123456789' }, austrian]
  await bench.office.patch(away.path, { fiscal_identities: both, reason: 'correction' })
  await till.create(count(id))
  await till.create(close(id))
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  for (const call of [away, abroad]) expect((await bench.office.call(call)).status).toBe(200)
})

/** Names and contents of the sealed files. */
async function sealedIn(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'base64')]),
  )
}
