// @module-tag heavy
import { expect, test } from 'vitest'
import type { EventBody } from '../../../agent/journal/events.ts'
import { bodyOf } from '../../../agent/journal/events.ts'
import { localDate, SHOP_ZONE, shiftedDate } from '../../../base/clock.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event } from '../goods.ts'
import { closeExpected } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'

const INVENTORY = {
  kind: 'pc',
  maker: 'Müller & Söhne',
  model: 'Typ 100',
  software: 'Acme POS',
  software_version: '4.2',
  acquired_on: '2026-09-28',
}

function updates(bench: Bench): EventBody[] {
  return bench.journal().flatMap(({ kind, body }) => (kind === 'register.updated' ? [bodyOf({ body })] : []))
}

test('a change of the inventory merges member by member, and null removes one', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const made = await bench.office.post('/v1/registers', { location_id: locationId, name: 'K', inventory: INVENTORY })
  expect(made).toMatchObject({ inventory: INVENTORY })
  const path = `/v1/registers/${made['id']}`
  await bench.office.patch(path, { inventory: { software_version: '4.3', first_used_on: '2026-10-01', kind: null } })
  const { kind: _, ...others } = INVENTORY
  const changed = { ...others, software_version: '4.3', first_used_on: '2026-10-01' }
  expect((await bench.office.get(path))['inventory']).toEqual(changed)
  const cleared = Object.fromEntries(Object.keys(changed).map((member) => [member, null]))
  expect((await bench.office.patch(path, { inventory: cleared }))['inventory']).toEqual({})
  expect(await bench.office.get(path)).not.toHaveProperty('pending_changes')
})

test('in a session an inventory is in force at once, and the name of the same change waits, in one event', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  const path = `/v1/registers/${register.id}`
  const { name } = await bench.office.get(path)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  const both = await bench.office.patch(path, { name: 'Neu', inventory: { maker: 'Acme' } })
  expect(both).toMatchObject({ name, inventory: { maker: 'Acme' }, pending_changes: { name: 'Neu' } })
  expect(both['pending_changes']).toEqual({ name: 'Neu' })
  await bench.office.patch(path, { inventory: { model: 'Typ 100' } })
  expect(await bench.office.get(path)).toMatchObject({ name, pending_changes: { name: 'Neu' } })
  const [first, second, ...more] = updates(bench)
  expect(more).toEqual([])
  expect(first).toMatchObject({ set: { inventory: { maker: 'Acme' } }, own: { pending: { shown: { name: 'Neu' } } } })
  expect(second).not.toHaveProperty('own')
  await closeExpected(register)
  expect(await bench.office.get(path)).toMatchObject({ name: 'Neu', inventory: { maker: 'Acme', model: 'Typ 100' } })
})

test.each<[string, Members, string]>([
  ['a day that does not exist', { acquired_on: '2026-02-30' }, '/inventory/acquired_on'],
  ['a day of the year 0', { acquired_on: '0000-01-01' }, '/inventory/acquired_on'],
  ['two lines', { maker: 'Acme\nGmbH' }, '/inventory/maker'],
  ['101 characters', { model: 'x'.repeat(101) }, '/inventory/model'],
  ['a blank text', { software: ' ' }, '/inventory/software'],
  ['a character that no XML file may have', { maker: 'Acme\uffff' }, '/inventory/maker'],
  ['an unknown kind', { kind: 'abacus' }, '/inventory/kind'],
  ['a code in words', { kind_code: 'two' }, '/inventory/kind_code'],
  ['a code that the form does not have', { kind_code: '6' }, '/inventory/kind_code'],
  ['an unknown member', { colour: 'red' }, '/inventory/colour'],
])('an inventory with %s is refused', async (_what, inventory, pointer) => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id } = await bench.register(locationId)
  const refused = { status: 400, code: 'invalid_request' }
  const path = `/v1/registers/${id}`
  expect(await bench.office.refused({ method: 'PATCH', path, body: { inventory } })).toMatchObject(refused)
  const body = { location_id: locationId, name: 'K', inventory }
  const { details } = await bench.office.refused({ path: '/v1/registers', body })
  expect(JSON.stringify(details)).toContain(pointer)
})

test.each(['acquired_on', 'first_used_on', 'ended_on'])(
  'a day to come as %s is refused, and nothing is stored',
  async (member) => {
    await using bench = await Bench.open()
    const { locationId } = await bench.shop()
    const { id } = await bench.register(locationId)
    const today = localDate(Date.now(), SHOP_ZONE)
    const inventory = { [member]: shiftedDate(today, 2) }
    const refused = {
      ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
      details: { pointer: `/inventory/${member}` },
    }
    const path = `/v1/registers/${id}`
    const head = bench.head()
    expect(await bench.office.refused({ method: 'PATCH', path, body: { inventory } })).toMatchObject(refused)
    const body = { location_id: locationId, name: 'K', inventory }
    expect(await bench.office.refused({ path: '/v1/registers', body })).toMatchObject(refused)
    expect(bench.requestedSince(head)).toEqual([])
    await bench.office.patch(path, { inventory: { [member]: today } })
  },
)

test('an inventory does not end before the first day of use: that of fiscalize, unless it names another one', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const days = { first_used_on: '2026-05-02', ended_on: '2026-05-01' }
  const made = { location_id: locationId, name: 'K', inventory: days }
  const refused = await bench.office.refused({ path: '/v1/registers', body: made })
  expect(refused).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(JSON.stringify(refused.details)).toContain('/inventory/ended_on')
  const { id } = await bench.register(locationId)
  const path = `/v1/registers/${id}`
  const late = { status: 422, code: 'unprocessable_entity', details: { pointer: '/inventory/ended_on' } }
  const patch = (inventory: Members) => ({ method: 'PATCH', path, body: { inventory } }) as const
  expect(await bench.office.refused(patch({ ended_on: '2020-01-01' }))).toMatchObject(late)
  expect(await bench.office.refused(patch(days))).toMatchObject(late)
  await bench.office.patch(path, { inventory: { first_used_on: '2020-01-01', ended_on: '2020-01-01' } })
  expect(await bench.office.refused(patch({ first_used_on: '2020-01-02' }))).toMatchObject(late)
  expect(await bench.office.refused(patch({ first_used_on: null }))).toMatchObject(late)
  await bench.office.patch(path, { inventory: { model: 'Typ 100' } })
  expect(updates(bench)).toHaveLength(2)
})

test('closings name the till of its inventory from then on, and those before keep the names of the agent', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  const opens = () => register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await opens()
  await closeExpected(register)
  await opens()
  await bench.office.patch(`/v1/registers/${register.id}`, { inventory: INVENTORY })
  await closeExpected(register)
  const { registers } = await verifiedPackage(bench)
  const [before, after] = registers
  expect(before).toMatchObject({ KASSE_BRAND: 'fiskal-edge', KASSE_SW_BRAND: 'fiskal-edge' })
  expect(after).toMatchObject({
    KASSE_BRAND: INVENTORY.maker,
    KASSE_MODELL: INVENTORY.model,
    KASSE_SW_BRAND: INVENTORY.software,
    KASSE_SW_VERSION: INVENTORY.software_version,
  })
})

test('the reason of a decommissioning is the end reason of the inventory, and the body may be left out', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  const ends = (id: string, body?: Members) => bench.office.post(`/v1/registers/${id}/decommission`, body, 200)
  expect(await ends(one.id, { reason: 'Verkauf' })).toMatchObject({
    fiscalization_status: 'decommissioned',
    inventory: { end_reason: 'Verkauf' },
  })
  expect(await ends(two.id, {})).not.toHaveProperty('inventory')
  // It leaves the business later.
  const left = { ended_on: localDate(Date.now(), SHOP_ZONE), end_reason: 'Entsorgung' }
  expect(await bench.office.patch(`/v1/registers/${two.id}`, { inventory: left })).toMatchObject({ inventory: left })
  const path = `/v1/registers/${two.id}/decommission`
  const refused = await bench.office.refused({ path, body: { reason: 'zwei\nZeilen' } })
  expect(refused).toMatchObject({ status: 400, code: 'invalid_request' })
})
