// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOf, inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { today } from '../today.ts'
import { austrianShop, austrianTill, ONE_CARD, sell } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench, GERMAN_MERCHANT } from './bench.ts'
import { event, goods, pay } from './goods.ts'

const OLD = GERMAN_MERCHANT.legal_name
const ADDRESS = { line1: 'Neue Straße 9', city: 'Potsdam', postal_code: '14467', country_code: 'DEU' }

async function opens({ id, till }: Register): Promise<void> {
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
}

async function closes({ id, till }: Register): Promise<void> {
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
  await till.create(event('session_close', id, { business_date: today() }))
}

async function sells({ id, till }: Register): Promise<string> {
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  return (await till.complete(open, [pay('cash', '1.00')])).id
}

/** The shop's name on the receipt. */
async function nameOn(register: Register, operation: string): Promise<unknown> {
  return ((await register.till.get(`/v1/operations/${operation}/receipt`))['merchant'] as { name: unknown }).name
}

test('if a register is always in a session, a change waits for the present sessions, not for a later one', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const nameNow = async () => (await bench.office.get(`/v1/merchants/${merchantId}`))['legal_name']
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  await opens(one)
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH' })
  await opens(two)
  const sold = [await sells(one), await sells(two)]
  expect(await nameNow()).toBe(OLD)
  await closes(one)
  expect(await nameNow()).toBe('Neu GmbH')
  await opens(one)
  // The session that had begun under the old name ends under it: one Z has one company.
  const later = await sells(two)
  await closes(two)
  const newest = await sells(one)
  await closes(one)
  for (const id of sold)
    expect(await bench.office.get(`/v1/operations/${id}/receipt`)).toMatchObject({ merchant: { name: OLD } })
  expect([await nameOn(two, later), await nameOn(one, newest)]).toEqual([OLD, 'Neu GmbH'])
  const rows = await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    const [, ...lines] = String((await filesOf(file)).get('cashpointclosing.csv'))
      .trimEnd()
      .split('\r\n')
    return lines
      .map((line) => line.replaceAll('"', '').split(';'))
      .map(([register, , z, , , , , name]) => [register, z, name])
  })
  const expected = [
    [one.id, '1', OLD],
    [one.id, '2', 'Neu GmbH'],
    [two.id, '1', OLD],
  ]
  expect(rows.sort()).toEqual(expected.sort())
})

test('a receipt that is printed again names the shop as it was at the sale', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await opens(register)
  const sold = await sells(register)
  await closes(register)
  const online = await bench.office.create(goods('sale', null, [['1.00', '0.07']]))
  await bench.office.complete(online, [pay('online', '1.00')])
  const slip = await register.till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z' })
  const report = await register.till.post(`/v1/registers/${register.id}/closings`, {})
  const ids = [sold, online.id, String(slip['id']), String(report['id'])]
  const receipts = () => Promise.all(ids.map((id) => bench.office.get(`/v1/operations/${id}/receipt`)))
  const before = await receipts()
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH', address: ADDRESS })
  await bench.office.patch(`/v1/locations/${locationId}`, { name: 'Neue Filiale', address: ADDRESS })
  await bench.office.patch(`/v1/registers/${register.id}`, { name: 'Neue Kasse' })
  expect(await receipts()).toEqual(before)
  await opens(register)
  expect(await nameOn(register, await sells(register))).toBe('Neu GmbH')
})

test('Austria: receipts and Startbeleg name the shop as it was', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench, await austrianShop(bench))
  const sold = await sell(register, '1.00')
  const [start] = await register.till.list(`/v1/registers/${register.id}/closings`)
  const receipts = () =>
    Promise.all([sold.id, String(start?.['id'])].map((id) => register.till.get(`/v1/operations/${id}/receipt`)))
  const before = await receipts()
  const [merchant] = await bench.office.list('/v1/merchants')
  await closes(register)
  await bench.office.patch(`/v1/merchants/${String(merchant?.['id'])}`, { legal_name: 'Neu GmbH' })
  expect(await receipts()).toEqual(before)
})

test('metadata is kept and echoed on closings and exports too, as on every resource', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  const metadata = { ledger: [7, { büro: true }] }
  const closing = await bench.office.post(`/v1/registers/${id}/closings`, { metadata })
  expect(closing).toMatchObject({ metadata })
  expect(await bench.office.get(`/v1/closings/${String(closing['id'])}`)).toEqual(closing)
  const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }
  const job = await bench.office.post('/v1/exports', { type: 'journal', ...range, metadata }, 202)
  expect(job).toMatchObject({ metadata })
  expect(await bench.office.get(`/v1/exports/${String(job['id'])}`)).toMatchObject({ metadata })
})
