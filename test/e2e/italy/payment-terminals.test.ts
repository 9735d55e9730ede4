// @module-tag heavy
import { expect, test } from 'vitest'
import { rebuildProjections } from '../../../agent/journal/rebuild.ts'
import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench, GERMAN_LOCATION } from '../bench.ts'
import type { Members } from '../client.ts'
import { closeExpected } from '../shift.ts'
import { italianShop, LOCATION, tillAt } from './shop.ts'

const PATH = '/v1/payment-terminals'
const ACQUIRER = { tax_number: '12345678903', name: 'Acquirer S.p.A.' }

type Shop = { bench: Bench; location: string; till: Register; register: string; serial: string; body: Members }

async function inShop(use: (shop: Shop) => Promise<void>): Promise<void> {
  await using bench = await Bench.open({ config: { devices: [{ id: 'rt-1', driver: 'rt-simulator' }] } })
  await bench.untilDevice('ready')
  const location = await italianShop(bench)
  const till = await tillAt(bench, 'rt-1', location)
  const { id: register } = till
  const { fiscalization } = await bench.office.get(`/v1/registers/${register}`)
  const physical = { kind: 'physical', tid: '50123456', acquirer: ACQUIRER, active_from: '2026-06-15' }
  const body = { location_id: location, register_ids: [register], ...physical }
  await use({ bench, location, till, register, serial: String((fiscalization as Members)['tse_serial']), body })
}

test('a terminal answers with its links, and the same request again with the same bytes', () =>
  inShop(async ({ bench, location, register, serial, body }) => {
    const { office } = bench
    const created = await office.call({ path: PATH, body, key: 'pos-1' })
    const { id, created_at: at, merchant_id: merchant } = created.json
    const duty = `pos-link-${id}-${serial}-20260615`
    const link = { rt_serial_number: serial, duty_id: duty, window: { from: '2026-08-06', to: '2026-08-31' } }
    expect(created.json).toEqual({
      ...{ id, merchant_id: merchant, location_id: location, register_ids: [register], kind: 'physical' },
      ...{ tid: '50123456', acquirer: ACQUIRER, holder: 'own', holder_name: null },
      ...{ active_from: '2026-06-15', active_to: null, metadata: null, created_at: at, updated_at: at },
      links: [{ ...link, state: 'due' }],
    })
    expect(id).toMatch(/^trm_/)
    const tasks = await bench.agent.administration.listTasks()
    expect(tasks).toContainEqual(expect.objectContaining({ id: duty, not_before: '2026-08-06', due: '2026-08-31' }))
    await bench.agent.administration.confirmTask(duty)
    const repeated = await office.call({ path: PATH, body, key: 'pos-1' })
    expect([repeated.text, repeated.headers.get('Idempotent-Replayed')]).toEqual([created.text, 'true'])
    await bench.restart()
    expect(await office.get(`${PATH}/key:pos-1`)).toEqual({ ...created.json, links: [{ ...link, state: 'confirmed' }] })
    expect(await office.list(PATH)).toEqual([await office.get(`${PATH}/${id}`)])
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, projections: 'equal', findings: [] })
  }))

test('a change of the last day and of the acquirer is in force at once, with its duties', () =>
  inShop(async ({ bench, serial, body }) => {
    const { id } = await bench.office.post(PATH, { ...body, register_ids: body['register_ids'] })
    const changed = await bench.office.patch(`${PATH}/${id}`, { active_to: '2026-12-01', acquirer: { name: 'Nuova' } })
    expect(changed).toMatchObject({ active_to: '2026-12-01', acquirer: { ...ACQUIRER, name: 'Nuova' } })
    expect((changed['links'] as Members[]).map((link) => link['duty_id'])).toEqual([
      `pos-link-${id}-${serial}-20260615`,
      `pos-unlink-${id}-${serial}-20261201`,
    ])
    expect(await bench.office.patch(`${PATH}/${id}`, { active_to: null })).toMatchObject({ active_to: null })
  }))

function dutiesIn(terminal: Members): unknown[] {
  return (terminal['links'] as Members[]).map((link) => link['duty_id'])
}

test('a till that moves after its session takes its terminal along, and names one that stays without it', () =>
  inShop(async ({ bench, location, till, register, serial, body }) => {
    const { office } = bench
    const other = await office.post('/v1/registers', { location_id: location, name: 'Cassa 2' })
    const milan = (await office.post('/v1/locations', { ...LOCATION, name: 'Milano' }))['id']
    const own = await office.post(PATH, body)
    const shared = await office.post(PATH, { ...body, tid: '2', register_ids: [register, other['id']] })
    const ended = { ...body, tid: '3', register_ids: [register, other['id']], active_to: '2026-08-31' }
    await office.post(PATH, ended)
    const path = `/v1/registers/${register}`
    const held = await office.patch(path, { location_id: milan })
    expect(held).toMatchObject({ location_id: location, pending_changes: { location_id: milan } })
    expect(held['hints']).toEqual([
      {
        code: 'payment_terminals_stay',
        message: expect.stringContaining(`stay at ${location} without ${register}: ${shared['id']}. `),
      },
    ])
    const now = async ({ id }: Members) => office.get(`${PATH}/${id}`)
    expect([await now(own), await now(shared)]).toEqual([own, shared])
    await closeExpected(till)
    expect(await office.get(path)).toMatchObject({ location_id: milan })
    const day = localDate(Date.now(), SHOP_ZONE).replaceAll('-', '')
    const dutyOf = ({ id }: Members, what: string, of = day) => `pos-${what}-${id}-${serial}-${of}`
    expect(await now(own)).toMatchObject({ location_id: milan, register_ids: [register] })
    expect(dutiesIn(await now(own))).toEqual([
      dutyOf(own, 'link', '20260615'),
      dutyOf(own, 'unlink'),
      dutyOf(own, 'link'),
    ])
    expect(await now(shared)).toMatchObject({ location_id: location, register_ids: [other['id']] })
    expect(dutiesIn(await now(shared))).toEqual([dutyOf(shared, 'link', '20260615'), dutyOf(shared, 'unlink')])
    const seen = async () => [await office.list(PATH), await bench.agent.administration.listTasks()]
    const before = await seen()
    await bench.restart(async () => void (await rebuildProjections(bench.config.state)))
    expect(await seen()).toEqual(before)
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, projections: 'equal', findings: [] })
  }))

test('a move is one commit with its terminals; a dry run moves nothing, and the next change takes the hint away', () =>
  inShop(async ({ bench, location, till, register, body }) => {
    const { office } = bench
    const other = await office.post('/v1/registers', { location_id: location, name: 'Cassa 2' })
    const milan = (await office.post('/v1/locations', { ...LOCATION, name: 'Milano' }))['id']
    const own = await office.post(PATH, body)
    const shared = await office.post(PATH, { ...body, tid: '2', register_ids: [register, other['id']] })
    await closeExpected(till)
    const move = {
      method: 'PATCH',
      path: `/v1/registers/${register}`,
      body: { location_id: milan },
      key: 'move',
    } as const
    const head = bench.head()
    await office.call({ ...move, headers: { Prefer: 'dry-run' } })
    expect(bench.requestedSince(head)).toEqual([])
    const moved = await office.call(move)
    expect(moved.json).toMatchObject({ location_id: milan, hints: [{ code: 'payment_terminals_stay' }] })
    const events = bench.requestedSince(head)
    expect(events.map(({ kind, op }) => [kind, op])).toEqual([
      ['register.updated', register],
      ['payment_terminal.updated', own['id']],
      ['payment_terminal.updated', shared['id']],
    ])
    expect((await office.call(move)).text).toBe(moved.text)
    expect((await office.patch(move.path, { name: 'Cassa 1' }))['hints']).toEqual([])
    await office.patch(`/v1/registers/${other['id']}`, { location_id: milan })
    const all = { register_ids: [register, other['id']] }
    expect(await office.patch(`${PATH}/${shared['id']}`, all)).toMatchObject({ ...all, location_id: milan })
  }))

test('a terminal that is entered twice is refused; with another id, acquirer or first day it is another one', () =>
  inShop(async ({ bench, body }) => {
    const { office } = bench
    const virtual = { ...body, kind: 'virtual', tid: undefined }
    for (const each of [body, virtual]) {
      const { id } = await office.post(PATH, each)
      const head = bench.head()
      expect(await office.refused({ path: PATH, body: each, key: 'again' })).toMatchObject({
        ...{ status: 409, code: 'payment_terminal_exists', fiscal_effect: 'none' },
        details: { pointer: '/tid', payment_terminal_id: id },
      })
      expect(bench.requestedSince(head)).toEqual([])
    }
    for (const another of [
      { tid: '50123457' },
      { acquirer: { ...ACQUIRER, tax_number: '01234567897' } },
      { active_from: '2026-06-16' },
    ])
      await office.post(PATH, { ...body, ...another })
    expect(await office.list(PATH)).toHaveLength(5)
  }))

test('a journal whose tables were made again has the same terminals and tasks', () =>
  inShop(async ({ bench, body }) => {
    const { id } = await bench.office.post(PATH, { ...body, active_to: '2026-12-01' })
    await bench.office.patch(`${PATH}/${id}`, { acquirer: { name: 'Nuova' } })
    const seen = async () => [await bench.office.list(PATH), await bench.agent.administration.listTasks()]
    const before = await seen()
    await bench.restart(async () => void (await rebuildProjections(bench.config.state)))
    expect(await seen()).toEqual(before)
  }))

test('a register and a location may be named by the keys of their requests', () =>
  inShop(async ({ bench, body }) => {
    const { office } = bench
    await office.call({ path: '/v1/locations', body: LOCATION, key: 'place' })
    const register = await office.call({
      path: '/v1/registers',
      body: { location_id: 'key:place', name: 'Cassa 2' },
      key: 'till-2',
    })
    const terminal = await office.post(PATH, { ...body, location_id: 'key:place', register_ids: ['key:till-2'] })
    expect(terminal).toMatchObject({ register_ids: [register.json['id']], links: [] })
  }))

test.each<[string, Members, string]>([
  ['physical without its id', { tid: undefined }, '/tid'],
  ['virtual with one', { kind: 'virtual' }, '/tid'],
  ['with an id that is not visible', { tid: 'a b' }, '/tid'],
  ['with an id of 41 characters', { tid: '1'.repeat(41) }, '/tid'],
  ['without a register', { register_ids: [] }, '/register_ids'],
  ['of an acquirer without a number', { acquirer: { name: 'Acquirer' } }, '/acquirer/tax_number'],
  [
    'of an acquirer with a number of 12 digits',
    { acquirer: { ...ACQUIRER, tax_number: '123456789012' } },
    '/acquirer/tax_number',
  ],
  ['of an acquirer with a blank name', { acquirer: { ...ACQUIRER, name: '\u00a0' } }, '/acquirer/name'],
  ['of an acquirer with a name of two lines', { acquirer: { ...ACQUIRER, name: 'a\nb' } }, '/acquirer/name'],
  ['of a franchisor with a blank name', { holder: 'franchisor', holder_name: ' ' }, '/holder_name'],
  ['that ends before it begins', { active_to: '2026-06-14' }, '/active_to'],
  ['that begins on a day that does not exist', { active_from: '2026-06-31' }, '/active_from'],
  ['that begins in a year without a window', { active_from: '9999-12-31' }, '/active_from'],
  ['of the shop itself with the name of a franchisor', { holder_name: 'Rossi' }, '/holder_name'],
])('a terminal %s is refused with its place', (_what, wrong, pointer) =>
  inShop(async ({ bench, body }) => {
    const { code, details } = await bench.office.refused({ path: PATH, body: { ...body, ...wrong } })
    expect(code).toBe('invalid_request')
    expect(details).toMatchObject({ errors: [{ pointer }] })
    expect(await bench.office.list(PATH)).toEqual([])
  }),
)

test('a register of another place, one that ended, and a place in another country are refused with their place', () =>
  inShop(async ({ bench, body, location, register }) => {
    const { office } = bench
    const elsewhere = await office.post('/v1/locations', { ...LOCATION, name: 'Milano' })
    const german = await office.post('/v1/locations', GERMAN_LOCATION)
    const other = await office.post('/v1/registers', { location_id: elsewhere['id'], name: 'Cassa 3' })
    const refusal = async (wrong: Members) => {
      const { code, details } = await office.refused({ path: PATH, body: { ...body, ...wrong } })
      return [code, details?.['pointer']]
    }
    const code = 'unprocessable_entity'
    expect(await refusal({ register_ids: [register, other['id']] })).toEqual([code, '/register_ids/1'])
    expect(await refusal({ register_ids: [register, register] })).toEqual([code, '/register_ids/1'])
    const abroad = await office.post('/v1/registers', { location_id: german['id'], name: 'Kasse 1' })
    expect(await refusal({ register_ids: [abroad['id']] })).toEqual([code, '/register_ids/0'])
    const ended = await office.post('/v1/registers', { location_id: location, name: 'Cassa 4' })
    await office.post(`/v1/registers/${ended['id']}/fiscalize`, {}, 202)
    await office.post(`/v1/registers/${ended['id']}/decommission`, {}, 200)
    expect(await refusal({ register_ids: [register, ended['id']] })).toEqual([code, '/register_ids/1'])
    expect(await refusal({ location_id: german['id'] })).toEqual([code, '/location_id'])
    expect(await refusal({ register_ids: ['reg_none'] })).toEqual(['not_found', undefined])
    const { id } = await office.post(PATH, body)
    const patch = { method: 'PATCH' as const, path: `${PATH}/${id}` }
    const late = await office.refused({ ...patch, body: { active_to: '2026-06-14' } })
    expect([late.code, late.details?.['pointer']]).toEqual([code, '/active_to'])
    const moved = await office.refused({ ...patch, body: { register_ids: [other['id']] } })
    expect([moved.code, moved.details?.['pointer']]).toEqual([code, '/register_ids/0'])
  }))

test('a register key sees no terminals', () =>
  inShop(async ({ bench, location }) => {
    const { till } = await tillAt(bench, 'rt-1', location)
    expect((await till.refused({ path: PATH })).code).toBe('forbidden')
  }))
