// @module-tag heavy
import { expect, test } from 'vitest'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { today } from '../today.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Call, Client, Members } from './client.ts'
import { completion } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { PrinterBeside } from './italy/printer-beside.ts'
import { italianTill, sell } from './italy/shop.ts'

const SALE = [['1.00', '0.07']] as const
const FOREVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

async function made(client: Client, call: Call): Promise<Members> {
  const answer = await client.call(call)
  expect(answer.status, `${call.path}: ${answer.text}`).toBeLessThan(300)
  return answer.json
}

/** A shop in which each resource is named by the key of the request that made it, and no real id is sent. */
async function shopByKeys(bench: Bench, office: Client = bench.office) {
  await made(office, { path: '/v1/merchants', body: GERMAN_MERCHANT, key: 'merchant-1' })
  const owner = office.forMerchant('key:merchant-1')
  await made(owner, { path: '/v1/locations', body: GERMAN_LOCATION, key: 'location-1' })
  const body = { location_id: 'key:location-1', name: 'K' }
  const register = await made(owner, { path: '/v1/registers', body, key: 'register-1' })
  const fiscalized = await made(owner, { method: 'POST', path: '/v1/registers/key:register-1/fiscalize', key: 'f' })
  const till = bench.client({ 'X-Register-Api-Key': String(fiscalized['register_api_key']) })
  const open = event('session_open', 'key:register-1', { opening_balance_amount: '50.00' })
  await made(till, { path: '/v1/operations', body: open, key: 'open-1' })
  return { owner, till, id: String(register['id']) }
}

test('every resource is named by the key of the request that made it, in path, query, header and body', async () => {
  await using bench = await Bench.open()
  const { owner, till, id } = await shopByKeys(bench)
  const post = (path: string, body: unknown, key: string): Promise<Members> => made(till, { path, body, key })
  const sale = await post('/v1/operations', goods('sale', 'key:register-1', SALE), 'sale-1')
  await made(till, { ...completion({ id: 'key:sale-1' }, [pay('cash', '1.00')]), key: 'complete-1' })
  const back = goods('return', 'key:register-1', [['-1.00', '0.07']], { related_operation_id: 'key:sale-1' })
  expect(await post('/v1/operations', back, 'return-1')).toMatchObject({ related_operation_id: sale['id'] })
  await made(till, { ...completion({ id: 'key:return-1' }, [pay('cash', '-1.00')]), key: 'complete-r' })
  const opening = { occurred_at: '2026-02-25T08:00:00Z', operation_id: 'key:sale-1', register_id: 'key:register-1' }
  await post('/v1/cash-drawer-openings', opening, 'drawer-1')
  await post('/v1/registers/key:register-1/cash-drawer-openings', opening, 'drawer-2')
  const range = { type: 'journal', ...FOREVER, register_id: 'key:register-1' }
  expect(await made(owner, { path: '/v1/exports', body: range, key: 'export-1' })).toMatchObject({ register_id: id })
  const counting = event('session_cash_count', id, { counted_closing_amount: '50.00' })
  await post('/v1/operations', counting, 'count-1')
  await post('/v1/operations', event('session_close', id, { business_date: today() }), 'close-1')
  await post('/v1/registers/key:register-1/closings', {}, 'closing-1')

  const looks = async () => {
    expect(await till.get('/v1/operations/key:sale-1')).toMatchObject({ id: sale['id'], register_id: id })
    for (const client of [owner, till]) expect(await client.get('/v1/registers/key:register-1')).toMatchObject({ id })
    for (const path of [
      ...['operations/key:sale-1/receipt', 'operations/key:closing-1/receipt', 'operations/key:drawer-1/receipt'],
      ...[
        'operations/key:sale-1/explain',
        'sessions/key:open-1',
        'closings/key:closing-1',
        'closings/key:closing-1/receipt',
      ],
      ...['cash-drawer-openings/key:drawer-1', 'cash-drawer-openings/key:drawer-2'],
      ...['operations?session_id=key:open-1&register_id=key:register-1', 'sessions?register_id=key:register-1'],
      ...['cash-drawer-openings?register_id=key:register-1'],
    ]) {
      expect((await till.call({ path: `/v1/${path}` })).text, path).not.toMatch(/key:|"data":\[\]/)
    }
    for (const path of ['merchants/key:merchant-1', 'locations/key:location-1', 'exports/key:export-1'])
      expect((await owner.call({ path: `/v1/${path}` })).text, path).not.toContain('key:')
  }
  await looks()
  await bench.restart(async () => void (await rebuildProjections(bench.config.state)))
  await looks()
  expect(bench.journal().filter(({ body }) => body.includes('key:'))).toEqual([])
})

test('a key that its refused request gave back names nothing, and then what the repeated request made', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  await sell(register, '12.50')
  const call = { path: `/v1/registers/${register.id}/closings`, body: {}, key: 'z-1' }
  await printer.unplug()
  expect((await register.till.refused(call)).fiscal_effect).toBe('none')
  expect(bench.journal().map(({ kind }) => kind)).toContain('closing.refused')
  const unknown = { resource: 'closing', id: 'key:z-1' }
  expect(await register.till.refused({ path: '/v1/closings/key:z-1' })).toMatchObject({
    code: 'not_found',
    details: unknown,
  })
  await printer.plugIn()
  await bench.untilDevice('ready')
  const { id } = await made(register.till, call)
  expect(await register.till.get('/v1/closings/key:z-1')).toMatchObject({ id })
  await bench.restart()
  expect(await register.till.get('/v1/closings/key:z-1')).toMatchObject({ id })
})

/** What a refusal says, without what the caller itself wrote and the number of the request. */
function without(text: string, ...own: readonly string[]): string {
  const { request_id: _, ...rest } = JSON.parse(text) as Members
  return own.reduce((shown, word) => shown.replaceAll(word, '…'), JSON.stringify(rest))
}

test('a key names what its caller may see, its own first; anything else is answered as an unknown id', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const { owner, till, id } = await shopByKeys(bench)
  const other = bench.client({
    Authorization: `Bearer ${(await bench.agent.administration.createKey('platform')).key}`,
  })
  const second = String(
    (
      await made(owner, {
        path: '/v1/registers',
        body: { location_id: 'key:location-1', name: 'L' },
        key: 'register-2',
      })
    )['id'],
  )
  const sold = await made(till, { path: '/v1/operations', body: goods('sale', id, SALE), key: 'sale-1' })
  const taken = await made(owner, { path: '/v1/operations', body: goods('sale', id, SALE), key: 'sale-2' })
  const own = await made(owner, { path: '/v1/operations', body: goods('sale', id, SALE), key: 'sale-1' })
  await made(owner, { path: '/v1/operations', body: goods('sale', null, SALE), key: 'online-1' })

  // Each reads its own sale-1; the till reads what the office did at its register, the office not what the till did.
  expect([(await till.read('key:sale-1')).id, (await office.read('key:sale-1')).id]).toEqual([sold['id'], own['id']])
  expect((await till.read('key:sale-2')).id).toBe(taken['id'])
  expect((await other.read('key:sale-1')).id).toBe(own['id'])
  expect((await other.get('/v1/registers/key:register-2'))['id']).toBe(second)
  await made(till, { path: '/v1/operations', body: goods('sale', id, SALE), key: 'sale-3' })
  expect((await office.refused({ path: '/v1/operations/key:sale-3' })).code).toBe('not_found')

  const range = { from: '2026-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
  await made(owner, { path: '/v1/exports', body: { type: 'journal', ...range }, key: 'export-1' })
  await made(owner, { path: '/v1/exports', body: { type: 'tse_tar', ...range, register_id: id }, key: 'export-2' })
  // A file of the journal has all registers.
  await made(owner, { path: '/v1/exports', body: { type: 'journal', ...range, register_id: id }, key: 'export-3' })
  expect((await till.call({ path: '/v1/exports/key:export-2/file' })).status).toBe(200)

  const hidden = [
    ...['registers/key:register-2', 'operations/key:online-1', 'registers/key:register-2/session'],
    'exports/key:export-1/file',
    'exports/key:export-3/file',
  ]
  const listed = ['operations?register_id=key:register-2', 'sessions?register_id=key:register-2']
  for (const path of [...hidden, ...listed]) {
    const [seen, unknown] = [
      await till.call({ path: `/v1/${path}` }),
      await till.call({ path: `/v1/${path.replace(/-[123]/, '-9')}` }),
    ]
    expect([seen.status, without(seen.text, '-1', '-2', '-3')], path).toEqual([404, without(unknown.text, '-9')])
  }
  for (const body of [
    goods('sale', 'key:register-2', SALE),
    event('session_open', 'key:register-2', { opening_balance_amount: '0.00' }),
  ]) {
    const [seen, unknown] = await Promise.all(
      ['key:register-2', 'key:register-9'].map((register_id) =>
        till.call({ path: '/v1/operations', body: { ...body, register_id } }),
      ),
    )
    expect(without(seen?.text ?? '', '-2')).toBe(without(unknown?.text ?? '', '-9'))
  }
  const back = (of: string) => goods('return', id, [['-1.00', '0.07']], { related_operation_id: of })
  const [hiddenSale, unknownSale] = await Promise.all(
    ['key:online-1', 'key:online-9'].map((of) =>
      till.call({ path: '/v1/operations', body: back(of), headers: { Prefer: 'dry-run' } }),
    ),
  )
  expect(without(hiddenSale?.text ?? '', '-1')).toBe(without(unknownSale?.text ?? '', '-9'))
})

test('a register key learns nothing of another merchant from a key, and a name is that of its merchant', async () => {
  await using bench = await Bench.open()
  const { office } = bench
  const { owner, till, id } = await shopByKeys(bench)
  const named = (name: string) => ({ ...GERMAN_MERCHANT, legal_name: name, fiscal_identities: [] })
  await made(office, { path: '/v1/merchants', body: named('Zweite'), key: 'merchant-2' })
  const second = office.forMerchant('key:merchant-2')
  const location = await made(second, { path: '/v1/locations', body: GERMAN_LOCATION, key: 'location-1' })
  const body = { location_id: 'key:location-1', name: 'Z' }
  const far = await made(second, { path: '/v1/registers', body, key: 'register-1' })
  expect(far).toMatchObject({ location_id: location['id'] })
  expect((await second.get('/v1/registers/key:register-1'))['id']).toBe(far['id'])
  expect((await owner.get('/v1/registers/key:register-1'))['id']).toBe(id)
  expect((await till.forMerchant('key:merchant-1').get('/v1/registers/key:register-1'))['id']).toBe(id)
  const refusals = await Promise.all(
    ['key:merchant-2', 'key:merchant-9'].map((merchant) => till.forMerchant(merchant).call({ path: '/v1/registers' })),
  )
  const [seen, unknown] = refusals.map(({ status, text }) => [status, without(text, 'merchant-2', 'merchant-9')])
  expect(seen).toEqual(unknown)
  expect(seen?.[0]).toBe(403)
  expect(await office.forMerchant('key:merchant-9').refused({ path: '/v1/registers' })).toMatchObject({
    code: 'not_found',
    details: { resource: 'merchant', id: 'key:merchant-9' },
  })
  // Several merchants and none named: the key does not name one either.
  expect((await office.refused({ path: '/v1/registers/key:register-1' })).code).toBe('invalid_request')
})

test('a key that made nothing of that kind names nothing, and a name outlives the platform key', async () => {
  await using bench = await Bench.open()
  const { owner, till, id } = await shopByKeys(bench)
  const wrong = goods('sale', id, SALE, { total_amount: '2.00' })
  expect((await till.refused({ path: '/v1/operations', body: wrong, key: 'refused-1' })).code).toBe('amount_mismatch')
  const dry = { path: '/v1/operations', body: goods('sale', id, SALE), key: 'dry-1', headers: { Prefer: 'dry-run' } }
  expect((await till.call(dry)).status).toBe(200)
  await till.create(goods('sale', id, SALE), 'sale-1')
  await made(till, { ...completion({ id: 'key:sale-1' }, [pay('cash', '1.00')]), key: 'complete-1' })
  for (const path of [
    ...['operations/key:refused-1', 'operations/key:dry-1', 'operations/key:complete-1', 'operations/key:register-1'],
    ...[
      'operations/key:',
      'operations/key:sale-1%20',
      'operations/KEY:sale-1',
      'operations/key:SALE-1',
      'operations/key:f',
    ],
    ...['sessions/key:sale-1', 'closings/key:sale-1', 'cash-drawer-openings/key:open-1', 'registers/key:open-1'],
    ...[
      `operations/key:${'k'.repeat(256)}`,
      'operations/key:%C3%A4',
      'operations/key:%00',
      'operations/key:key:sale-1',
    ],
    ...['operations/key%253Asale-1', 'operations/key:sale%252D1'],
  ]) {
    expect([path, (await till.refused({ path: `/v1/${path}` })).code]).toEqual([path, 'not_found'])
  }
  const fresh = bench.client({
    Authorization: `Bearer ${(await bench.agent.administration.createKey('platform')).key}`,
  })
  await bench.agent.administration.revokeKey(/^ofk_platform_(.{16})/.exec(bench.platformKey)?.[1] ?? '')
  expect((await owner.call({ path: '/v1/registers/key:register-1' })).status).toBe(401)
  for (const client of [fresh, till]) expect((await client.get('/v1/registers/key:register-1'))['id']).toBe(id)
})

test('a key of any characters names its resource, percent-encoded once in a path', async () => {
  await using bench = await Bench.open()
  const { till, id } = await shopByKeys(bench)
  const keys = ['a/b?c#d%e', 'key:sale', '%2F', '..', '~!@$^&*()[]{}|\\<>"\'`;,+=', 'k'.repeat(255), '__proto__', 'k']
  for (const key of keys) {
    const { id: operation } = await till.create(goods('sale', id, SALE), key)
    const path = `/v1/operations/key:${encodeURIComponent(key)}`
    expect((await till.get(path))['id'], key).toBe(operation)
    const done = await made(till, {
      ...completion({ id: `key:${encodeURIComponent(key)}` }, [pay('cash', '1.00')]),
      key,
    })
    expect(done, key).toMatchObject({ id: operation, status: 'completed' })
    const opening = { occurred_at: '2026-02-25T08:00:00Z', operation_id: `key:${key}` }
    expect(await till.post('/v1/cash-drawer-openings', opening), key).toMatchObject({ operation_id: operation })
  }
})

test("the caller's own members are never changed: metadata, notes and references elsewhere keep their text", async () => {
  await using bench = await Bench.open()
  const { till, id } = await shopByKeys(bench)
  const metadata = { register_id: 'key:register-1', operation_id: 'key:sale-1', nested: { session_id: 'key:open-1' } }
  const more = { metadata, note: 'key:sale-1', external_id: 'key:register-1', operator_id: 'key:open-1' }
  const sale = await till.create(goods('sale', 'key:register-1', SALE, more), 'sale-1')
  expect(sale).toMatchObject({ ...more, register_id: id })
  const returned = goods('return', id, [['-1.00', '0.07']], {
    external_related_operation: { external_operation_id: 'key:sale-1', description: 'key:open-1' },
  })
  expect(await till.create(returned)).toMatchObject({
    external_related_operation: { external_operation_id: 'key:sale-1', description: 'key:open-1' },
  })
})
