// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { today } from '../../today.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { austrianShop } from '../austria/shop.ts'
import type { Register } from '../bench.ts'
import { Bench, GERMAN_LOCATION } from '../bench.ts'
import { signed } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { closes, opens } from '../shift.ts'

const TWO = {
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-simulator' },
  ],
}
const ELSEWHERE = { ...GERMAN_LOCATION, name: 'Filiale Süd' }
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

async function sells({ id, till }: Register) {
  return till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

/** A register of a shop with several TSEs. */
async function registerAt(bench: Bench, device: string, location: string): Promise<Register> {
  const newRegister = await bench.office.post('/v1/registers', {
    location_id: location,
    name: 'K',
    fiscal_device: device,
  })
  const id = String(newRegister['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  return { id, clientId, key, till: bench.client({ 'X-Register-Api-Key': key }) }
}

/** Rows of a file of the package, which must verify; cells without quotes. */
async function packaged(bench: Bench, file: string): Promise<string[][]> {
  return inDirectory(async (directory) => {
    const path = join(directory, 'package.zip')
    await writeFile(path, await bench.exported('dsfinvk'))
    expect(await verifyDsfinvk(path)).toMatchObject({ valid: true, findings: [] })
    const [, ...rows] = ((await filesOf(path)).get(file) ?? '').trimEnd().split('\r\n')
    return rows.map((row) => row.replaceAll('"', '').split(';'))
  })
}

function serialOf(bench: Bench, device: string): Promise<unknown> {
  return bench.office.list('/v1/devices').then((all) => all.find(({ id }) => id === device)?.['serial'])
}

async function boundTo(bench: Bench, { id }: Register): Promise<unknown> {
  const { fiscalization } = await bench.office.get(`/v1/registers/${id}`)
  return (fiscalization as { tse_serial: unknown }).tse_serial
}

function deregistered(bench: Bench): readonly unknown[] {
  return bench.journal().filter(({ kind }) => kind === 'register.deregistered')
}

describe('a till that is carried to another branch', () => {
  test('has its new place in force at once between sessions, and what was recorded keeps the old one', async () => {
    await using bench = await Bench.open()
    const { locationId } = await bench.shop()
    const other = String((await bench.office.post('/v1/locations', ELSEWHERE))['id'])
    const register = await bench.register(locationId)
    await opens(register)
    const sold = await sells(register)
    await closes(register)
    const path = `/v1/registers/${register.id}`
    const before = await bench.office.get(`/v1/operations/${sold.id}/receipt`)
    const moved = await bench.office.patch(path, { location_id: other })
    expect(moved).toMatchObject({ location_id: other, fiscalization: { client_id: register.clientId } })
    expect(moved).not.toHaveProperty('pending_changes')
    await opens(register)
    const later = await sells(register)
    await closes(register)
    expect([sold.location_id, later.location_id]).toEqual([locationId, other])
    expect(await bench.office.get(`/v1/operations/${sold.id}/receipt`)).toEqual(before)
    const rows = await packaged(bench, 'location.csv')
    expect(rows.map(([, , z, name]) => [z, name])).toEqual([
      ['1', GERMAN_LOCATION.name],
      ['2', ELSEWHERE.name],
    ])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  })

  test('moves after the close of its session, and not before', async () => {
    await using bench = await Bench.open()
    const { locationId } = await bench.shop()
    const other = String((await bench.office.post('/v1/locations', ELSEWHERE))['id'])
    const register = await bench.register(locationId)
    const path = `/v1/registers/${register.id}`
    await opens(register)
    const pending = await bench.office.patch(path, { location_id: other, name: 'Süd 1' })
    expect(pending).toMatchObject({
      location_id: locationId,
      pending_changes: { location_id: other, name: 'Süd 1' },
    })
    expect((await sells(register)).location_id).toBe(locationId)
    // Its country is that of a register that comes.
    const address = { ...ELSEWHERE.address, country_code: 'AUT' }
    expect(
      await bench.office.refused({ method: 'PATCH', path: `/v1/locations/${other}`, body: { address } }),
    ).toMatchObject({ code: 'fiscalization_conflict' })
    await closes(register)
    const now = await bench.office.get(path)
    expect(now).toMatchObject({ location_id: other, name: 'Süd 1' })
    expect(now).not.toHaveProperty('pending_changes')
    expect((await packaged(bench, 'location.csv')).map(([, , z, name]) => [z, name])).toEqual([
      ['1', GERMAN_LOCATION.name],
    ])
  })

  test('is refused a place of another merchant, another country, or none', async () => {
    await using bench = await Bench.open()
    const { locationId, merchantId } = await bench.shop()
    const office = bench.office.forMerchant(merchantId)
    const register = await bench.register(locationId, office)
    const abroad = { ...ELSEWHERE, address: { ...ELSEWHERE.address, country_code: 'AUT' } }
    const austrian = String((await office.post('/v1/locations', abroad))['id'])
    await austrianShop(bench).catch(() => undefined)
    const second = await bench.office.post('/v1/merchants', {
      ...{ legal_name: 'Andere GmbH', country_code: 'DEU', address: ELSEWHERE.address, fiscal_identities: [] },
    })
    const theirs = bench.office.forMerchant(String(second['id']))
    const foreign = String((await theirs.post('/v1/locations', ELSEWHERE))['id'])
    for (const location_id of [austrian, foreign, 'loc_unknown']) {
      const call = { method: 'PATCH', path: `/v1/registers/${register.id}`, body: { location_id } } as const
      expect(await office.refused(call)).toMatchObject({
        ...{ status: 422, code: 'unprocessable_entity', details: { pointer: '/location_id' } },
      })
    }
  })
})

describe('a till that gets its own TSE', () => {
  test('is registered there and deregistered at the old one, with its serial number, and both Zs are sound', async () => {
    await using bench = await Bench.open({ config: TWO })
    const { locationId } = await bench.shop()
    const [register, staying] = [
      await registerAt(bench, 'tse-1', locationId),
      await registerAt(bench, 'tse-1', locationId),
    ]
    await opens(register)
    const first = signed(await sells(register))
    await closes(register)
    const moved = await bench.office.patch(`/v1/registers/${register.id}`, { fiscal_device: 'tse-2' })
    expect(moved).toMatchObject({ fiscal_device: 'tse-2', fiscalization: { client_id: register.clientId } })
    await bench.until(() => deregistered(bench).length === 1)
    expect(await boundTo(bench, register)).toBe(await serialOf(bench, 'tse-2'))
    await opens(register)
    const second = signed(await sells(register))
    await closes(register)
    expect(second.tss_serial_number).toBe(await serialOf(bench, 'tse-2'))
    expect(second.pos_client_serial_number).toBe(first.pos_client_serial_number)
    await opens(staying)
    expect(signed(await sells(staying)).tss_serial_number).toBe(first.tss_serial_number)
    await closes(staying)
    expect((await packaged(bench, 'tse.csv')).filter(([id]) => id === register.id)).toHaveLength(2)
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
    await bench.restart()
    expect(deregistered(bench)).toHaveLength(1)
    expect((await bench.office.list('/v1/devices')).map(({ state }) => state)).toEqual(['ready', 'ready'])
  })

  test('changes after the close of its session; the Z is of the old unit', async () => {
    await using bench = await Bench.open({ config: TWO })
    const { locationId } = await bench.shop()
    const register = await registerAt(bench, 'tse-1', locationId)
    await opens(register)
    const path = `/v1/registers/${register.id}`
    expect(await bench.office.patch(path, { fiscal_device: 'tse-2' })).toMatchObject({
      ...{ fiscal_device: 'tse-1', pending_changes: { fiscal_device: 'tse-2' } },
    })
    expect(signed(await sells(register)).tss_serial_number).toBe(await serialOf(bench, 'tse-1'))
    await closes(register)
    expect(await bench.office.get(path)).toMatchObject({ fiscal_device: 'tse-2' })
    await bench.until(() => deregistered(bench).length === 1)
    await opens(register)
    expect(signed(await sells(register)).tss_serial_number).toBe(await serialOf(bench, 'tse-2'))
  })

  test('while the new unit is down its bons are outages, and the old one forgets it when it answers again', async () => {
    await using bench = await Bench.open({ clock: new FastClock(10), config: { ...TWO, deadlineMs: 500 } })
    const { locationId } = await bench.shop()
    const register = await registerAt(bench, 'tse-1', locationId)
    for (const device of ['tse-1', 'tse-2']) await bench.faultAt(device, 'unplugged@*')
    await bench.until(async () => (await bench.office.list('/v1/devices')).every(({ state }) => state === 'down'))
    await bench.office.patch(`/v1/registers/${register.id}`, { fiscal_device: 'tse-2' })
    await opens(register)
    expect((await sells(register)).fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen' })
    await bench.faultAt('tse-1', 'clear')
    await bench.until(() => deregistered(bench).length === 1)
    expect((await sells(register)).fiscal.state).toBe('failed')
    await bench.faultAt('tse-2', 'clear')
    await bench.until(async () => (await boundTo(bench, register)) === (await serialOf(bench, 'tse-2')))
    signed(await sells(register))
    await closes(register)
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  })

  test('stays while one of its bons waits for the old unit', async () => {
    await using bench = await Bench.open({ clock: new FastClock(10), config: { ...TWO, deadlineMs: 500 } })
    const { locationId } = await bench.shop()
    const register = await registerAt(bench, 'tse-1', locationId)
    await opens(register)
    const open = await register.till.create(goods('sale', register.id, [['3.00', '0.07']]))
    await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
    expect((await register.till.complete(open, [pay('cash', '3.00')])).fiscal.state).toBe('pending')
    const count = { counted_closing_amount: '3.00' }
    await bench.fault('unplugged@*')
    await register.till.create(event('session_cash_count', register.id, count))
    await register.till.create(event('session_close', register.id, { business_date: today() }))
    const call = { method: 'PATCH', path: `/v1/registers/${register.id}`, body: { fiscal_device: 'tse-2' } } as const
    expect(await bench.office.refused(call)).toMatchObject({ status: 503, code: 'reconciling', fiscal_effect: 'none' })
    await bench.fault('clear')
    await bench.until(async () => (await register.till.read(open.id)).fiscal.state === 'succeeded')
    await bench.until(async () => (await bench.office.call(call)).status === 200)
    await bench.until(() => deregistered(bench).length === 1)
  })

  test('goes back to its unit before that knew that it had left', async () => {
    await using bench = await Bench.open({ clock: new FastClock(10), config: { ...TWO, deadlineMs: 500 } })
    const { locationId } = await bench.shop()
    const register = await registerAt(bench, 'tse-1', locationId)
    await bench.fault('unplugged@*')
    await bench.untilDevice('down')
    const path = `/v1/registers/${register.id}`
    await bench.office.patch(path, { fiscal_device: 'tse-2' })
    await bench.until(async () => (await boundTo(bench, register)) === (await serialOf(bench, 'tse-2')))
    await bench.office.patch(path, { fiscal_device: 'tse-1' })
    await bench.fault('clear')
    await bench.untilDevice('ready')
    await opens(register)
    expect(signed(await sells(register)).tss_serial_number).toBe(await serialOf(bench, 'tse-1'))
    const deregistrations = bench.journal().filter(({ kind }) => kind === 'register.deregistered')
    expect(JSON.stringify(deregistrations)).not.toContain('tse-1')
  })

  test('is refused a device that must not serve it, and a register that has ended keeps its own', async () => {
    const devices = [...TWO.devices, { id: 'card-1', driver: 'card-simulator' }]
    await using bench = await Bench.open({ config: { devices } })
    const { locationId } = await bench.shop()
    const register = await registerAt(bench, 'tse-1', locationId)
    const call = (fiscal_device: string) =>
      ({ method: 'PATCH', path: `/v1/registers/${register.id}`, body: { fiscal_device } }) as const
    for (const device of ['card-1', 'tse-9'])
      expect(await bench.office.refused(call(device))).toMatchObject({ status: 409, code: 'fiscalization_conflict' })
    await bench.office.post(`/v1/registers/${register.id}/decommission`, {}, 200)
    expect(await bench.office.refused(call('tse-2'))).toMatchObject({ code: 'register_decommissioned' })
  })
})

test('the audit of a shop whose till has left its only TSE has the archives of both', async () => {
  await using bench = await Bench.open({ config: TWO })
  const { locationId } = await bench.shop()
  const register = await registerAt(bench, 'tse-1', locationId)
  await opens(register)
  await sells(register)
  await closes(register)
  await bench.office.patch(`/v1/registers/${register.id}`, { fiscal_device: 'tse-2' })
  await bench.until(() => deregistered(bench).length === 1)
  await opens(register)
  await sells(register)
  await closes(register)
  await inDirectory(async (directory) => {
    const archive = (deviceId: string) =>
      bench.agent.administration.exportTo('tse_tar', { ...RANGE, deviceId }, join(directory, `${deviceId}.tar`))
    expect(await archive('tse-2')).toMatchObject({ device: 'tse-2' })
    expect(await archive('tse-1')).toMatchObject({ device: 'tse-1' })
  })
})
