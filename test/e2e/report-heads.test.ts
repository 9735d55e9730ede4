// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { austrianShop, austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import type { Members } from './client.ts'
import { event } from './goods.ts'
import { italianShop, italianTill, ONE_PRINTER } from './italy/shop.ts'
import { closeExpected, counted } from './shift.ts'

const OLD = GERMAN_MERCHANT.legal_name

type Paper = { merchant: { name: string; address: string[] }; header: { label: string; value: string }[] }

async function shift(register: Register): Promise<void> {
  const { id, till } = register
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  await closeExpected(register)
}

async function paperOf({ till }: Register, id: unknown): Promise<Paper> {
  return (await till.get(`/v1/closings/${String(id)}/receipt`)) as Paper
}

async function report(register: Register, body: Members): Promise<Paper> {
  return paperOf(register, (await register.till.post(`/v1/registers/${register.id}/closings`, body))['id'])
}

function shops({ header }: Paper): [label: string, value: string][] {
  return header.filter(({ label }) => label.startsWith('Unternehmen')).map(({ label, value }) => [label, value])
}

test('a report that is drawn after a change of owner is headed by the owner of its Z', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await shift(register)
  const before = await report(register, {})
  const address = { line1: 'Neue Straße 9', city: 'Potsdam', postal_code: '14467', country_code: 'DEU' }
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH', address })
  await bench.office.patch(`/v1/locations/${locationId}`, { name: 'Filiale Neu' })
  await bench.office.patch(`/v1/registers/${register.id}`, { name: 'Neue Kasse' })
  for (const type of ['daily', 'shift', 'monthly', 'annual']) {
    const paper = await report(register, { type })
    expect(paper.merchant).toEqual(before.merchant)
    expect(paper.merchant.name).toBe(OLD)
    expect(paper.header).toContainEqual({ label: 'Kasse', value: 'Kasse' })
    expect(shops(paper)).toEqual([])
  }
})

test('a report over several owners is headed by the last one and names each with its Zs', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  const rename = (legal_name: string) => bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name })
  await shift(register)
  await shift(register)
  await rename('Neu GmbH')
  await shift(register)
  await rename(OLD)
  await shift(register)
  await rename('Noch ein anderer')
  const paper = await report(register, { type: 'daily' })
  expect(paper.merchant.name).toBe(OLD)
  const rest = 'Hauptstraße 1, 10115 Berlin, Steuernummer 27/123/45678, USt-IdNr. DE123456789, Filiale Mitte'
  expect(shops(paper)).toEqual([
    ['Unternehmen zu Z 1–2, 4', `${OLD}, ${rest}`],
    ['Unternehmen zu Z 3', `Neu GmbH, ${rest}`],
  ])
  expect(shops(await report(register, { type: 'shift' }))).toEqual([])
})

test.each([
  [
    'a tax number',
    {
      fiscal_identities: [{ country_code: 'DEU', tax_number: '99/999/99999', vat_id: 'DE123456789' }],
      reason: 'new_office',
    },
  ],
  ['an address', { address: { ...GERMAN_MERCHANT.address, line1: 'Hauptstraße 2' } }],
])('a report whose Zs differ in %s names both heads', async (_, change) => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await shift(register)
  await bench.office.patch(`/v1/merchants/${merchantId}`, change)
  await shift(register)
  const paper = await report(register, {})
  expect(shops(paper).map(([label]) => label)).toEqual(['Unternehmen zu Z 1', 'Unternehmen zu Z 2'])
  expect(shops(paper)[1]?.[1]).not.toBe(shops(paper)[0]?.[1])
})

test('a report over a till that moved names each place with its Zs, and is headed by the last one', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await shift(register)
  const { id: moved } = await bench.office.post('/v1/locations', { ...GERMAN_LOCATION, name: 'Filiale Nord' })
  await bench.office.patch(`/v1/registers/${register.id}`, { location_id: moved })
  await shift(register)
  await bench.office.patch(`/v1/registers/${register.id}`, { location_id: locationId })
  const paper = await report(register, {})
  expect(paper.merchant).toMatchObject({ location: { name: 'Filiale Nord' } })
  expect(shops(paper)).toEqual([
    ['Unternehmen zu Z 1', expect.stringContaining('Filiale Mitte')],
    ['Unternehmen zu Z 2', expect.stringContaining('Filiale Nord')],
  ])
})

test('a change of the name of a register or of other members adds no head', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await shift(register)
  await bench.office.patch(`/v1/registers/${register.id}`, { name: 'Neue Kasse' })
  await bench.office.patch(`/v1/merchants/${merchantId}`, { metadata: { branch: 'north' } })
  await shift(register)
  const paper = await report(register, {})
  expect(shops(paper)).toEqual([])
  expect(paper.header).toContainEqual({ label: 'Kasse', value: 'Neue Kasse' })
})

test('the day so far is headed by the master data in force in its session, also when it is printed later', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const register = await bench.register(locationId)
  await shift(register)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await bench.office.patch(`/v1/merchants/${merchantId}`, { legal_name: 'Neu GmbH' })
  const { id } = await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'shift' })
  expect((await paperOf(register, id)).merchant.name).toBe(OLD)
  await closeExpected(register)
  await shift(register)
  expect((await paperOf(register, id)).merchant.name).toBe(OLD)
  expect((await report(register, { type: 'shift' })).merchant.name).toBe('Neu GmbH')
})

test('an Austrian report over an earlier date is headed by the owner of its sessions', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const location = await austrianShop(bench)
  const register = await austrianTill(bench, location)
  const { merchant_id: merchant } = await register.till.get(`/v1/registers/${register.id}/session`)
  const rename = (legal_name: string) => bench.office.patch(`/v1/merchants/${String(merchant)}`, { legal_name })
  const closes = async () => {
    await counted(register, '50.00')
    const business_date = new Date(clock.now()).toISOString().slice(0, 10)
    await register.till.create(event('session_close', register.id, { business_date }))
  }
  const opens = () => register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await closes()
  await rename('Neu GmbH')
  const shiftOfOld = await report(register, { type: 'shift' })
  expect(shiftOfOld.merchant.name).toBe('Bäckerei Edelweiß GmbH')
  clock.jump('2026-11-20T12:00:00Z')
  await opens()
  await closes()
  const both = await report(register, { business_date: '2026-11-20' })
  expect(both.merchant.name).toBe('Neu GmbH')
  expect(shops(both).map(([label, value]) => [label, value.split(',')[0]])).toEqual([
    ['Unternehmen ab 20.11.2026 10:00:00', 'Bäckerei Edelweiß GmbH'],
    ['Unternehmen ab 20.11.2026 13:00:00', 'Neu GmbH'],
  ])
  clock.jump('2026-11-22T09:00:00Z')
  await opens()
  await closes()
  await rename('Dritter e.U.')
  const late = await report(register, { business_date: '2026-11-22' })
  expect([late.merchant.name, shops(late)]).toEqual(['Neu GmbH', []])
  expect((await report(register, { type: 'monthly' })).merchant.name).toBe('Dritter e.U.')
})

test('an Italian Z after a change of owner is headed by the owner whose session it closes', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '50.00', await italianShop(bench))
  const { merchant_id: merchant } = await register.till.get(`/v1/registers/${register.id}/session`)
  await counted(register, '50.00')
  await register.till.create(event('session_close', register.id, { business_date: today() }))
  await bench.office.patch(`/v1/merchants/${String(merchant)}`, { legal_name: 'Nuovo S.r.l.' })
  expect((await report(register, {})).merchant.name).toBe('Panificio Aurora S.r.l.')
})
