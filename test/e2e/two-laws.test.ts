import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { LOCATION, sell, verifiedDep } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import { exportedPackage } from './germany/package-rows.ts'
import { event, goods, pay } from './goods.ts'
import { closing, counted } from './shift.ts'

const BOTH = {
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'card-1', driver: 'card-simulator' },
  ],
}

/** A merchant with a shop on either side of the border, on one agent. */
async function bothTills(bench: Bench): Promise<{ german: Register; austrian: Register }> {
  const identities = [...GERMAN_MERCHANT.fiscal_identities, { country_code: 'AUT', vat_id: 'ATU12345678' }]
  await bench.office.post('/v1/merchants', { ...GERMAN_MERCHANT, fiscal_identities: identities })
  const tills: Register[] = []
  for (const location of [GERMAN_LOCATION, LOCATION]) {
    const { id } = await bench.office.post('/v1/locations', location)
    const register = await bench.register(String(id))
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
    tills.push(register)
  }
  const [german, austrian] = tills
  if (german === undefined || austrian === undefined) throw new Error('there are two')
  return { german, austrian }
}

async function giveBack({ id, till }: Register, of: string, rate: string) {
  const body = goods('return', id, [['-5.00', rate]], { related_operation_id: of })
  return till.complete(await till.create(body), [pay('cash', '-5.00')])
}

test('a sale under another law is not a bon of a package: a return names it as sold elsewhere', heavy(), async () => {
  await using bench = await Bench.open({ config: BOTH })
  const { german, austrian } = await bothTills(bench)
  const [here, there] = [await sell(german, '5.00', '0.19'), await sell(austrian, '5.00', '0.20')]
  await giveBack(german, there.id, '0.19')
  await giveBack(austrian, here.id, '0.20')
  await counted(german, '50.00')
  await german.till.create(closing(german, '0.00'))
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
  const rows = String(books.files.get('references.csv')).trimEnd().split('\r\n').slice(1)
  expect(rows.map((row) => row.split(';').slice(4))).toEqual([
    ['', '"ExterneSonstige"', '"Kasse in einem anderen Land"', '', '', '', `"${there.id}"`],
  ])
  expect(await verifiedDep(bench, austrian.id)).toMatchObject({ valid: true })
})

test('no register is begun under a fiscal identity that ends with a session', async () => {
  await using bench = await Bench.open({ config: BOTH })
  const identities = [...GERMAN_MERCHANT.fiscal_identities, { country_code: 'AUT', vat_id: 'ATU12345678' }]
  const merchant = await bench.office.post('/v1/merchants', { ...GERMAN_MERCHANT, fiscal_identities: identities })
  const [here, there] = [
    await bench.office.post('/v1/locations', GERMAN_LOCATION),
    await bench.office.post('/v1/locations', LOCATION),
  ]
  const german = await bench.register(String(here['id']))
  await german.till.create(event('session_open', german.id, { opening_balance_amount: '50.00' }))
  const path = `/v1/merchants/${String(merchant['id'])}`
  await bench.office.patch(path, { fiscal_identities: GERMAN_MERCHANT.fiscal_identities })
  const { id } = await bench.office.post('/v1/registers', { location_id: there['id'], name: 'Kassa' })
  const call = { path: `/v1/registers/${String(id)}/fiscalize`, body: {} }
  const refused = await bench.office.refused(call)
  expect([refused.status, refused.code, refused.details['reason']]).toEqual([
    409,
    'fiscalization_conflict',
    'fiscal_identity',
  ])
  await bench.office.patch(path, { fiscal_identities: identities })
  expect(await bench.office.post(call.path, {}, 202)).toMatchObject({ fiscalization_status: 'fiscalized' })
  await counted(german, '50.00')
  await german.till.create(closing(german, '0.00'))
  expect(await bench.office.get(path)).toMatchObject({ fiscal_identities: identities })
})
